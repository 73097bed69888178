import BaseImage
import Bytes
import DiskImage
import RaspberryPiOS

extension StockLayout {
  /// The partitions of `stock`, of which two become the node's boot files and root.
  init(of stock: StockDisk, boot: StockDisk.Volume, root: StockDisk.Volume) {
    let partitions = stock.volumes.map { volume in
      let number = volume.partition.number
      let role: Role = number == root.partition.number ? .root : number == boot.partition.number ? .boot : .leftOut
      return Partition(
        number: number, role: role, size: volume.partition.size, content: volume.content.name,
        partUUID: volume.partition.partUUID, name: volume.partition.name, label: volume.label, uuid: volume.uuid)
    }
    let signature = stock.table.kind == .mbr ? stock.table.signature.hexDigits : ""
    self.init(partitions: partitions, diskID: stock.table.guid?.description ?? signature)
  }
}
