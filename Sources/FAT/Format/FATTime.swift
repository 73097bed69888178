import FileTree

/// A date and time as a directory entry has them: local time by custom, taken as UTC here, since an image does not say
/// which place it means.
struct FATTime: Equatable {
  /// Years since 1980, month and day: 7, 4 and 5 bits.
  let date: UInt16
  /// Hours, minutes and pairs of seconds: 5, 6 and 5 bits.
  let time: UInt16
  /// Hundredths of a second to add, 0 to 199; only the time of creation has them.
  let hundredths: UInt8

  init(date: UInt16, time: UInt16 = 0, hundredths: UInt8 = 0) {
    self.date = date
    self.time = time
    self.hundredths = hundredths
  }

  /// 1980-01-01 and 2108-01-01, in seconds since 1970.
  private static let range: Range<Int64> = 315_532_800..<4_354_819_200

  /// The time, cut to hundredths of a second, or the nearest there is.
  init(_ timestamp: Timestamp) {
    let seconds = min(max(timestamp.seconds, Self.range.lowerBound), Self.range.upperBound - 1)
    let isExact = seconds == timestamp.seconds
    let (day, second) = seconds.quotientAndRemainder(dividingBy: 86400)
    var year = 0
    var rest = Int(day) - 3652
    while rest >= Self.days(inYear: year) {
      rest -= Self.days(inYear: year)
      year += 1
    }
    var month = 1
    while month < 12, rest >= Self.daysBefore(month: month + 1, ofYear: year) { month += 1 }
    rest -= Self.daysBefore(month: month, ofYear: year)
    date = UInt16(year << 9 | month << 5 | (rest + 1))
    time = UInt16((second / 3600) << 11 | (second / 60 % 60) << 5 | second % 60 / 2)
    hundredths = UInt8(second % 2 * 100) + (isExact ? UInt8(timestamp.nanoseconds / 10_000_000) : 0)
  }

  /// The time, computed as Linux does (fat_time_fat2unix in fs/fat/misc.c): month and day 0 count as 1, months after
  /// December add nothing, other excess carries over.
  var timestamp: Timestamp {
    let year = Int(date >> 9)
    let month = max(1, Int(date >> 5 & 15))
    let day = max(1, Int(date & 31)) - 1
    let leapDays = (year + 3) / 4 - (year > 120 ? 1 : 0)
    let days = 3652 + year * 365 + leapDays + Self.daysBefore(month: month, ofYear: year) + day
    let seconds = Int(time >> 11) * 3600 + Int(time >> 5 & 63) * 60 + Int(time & 31) * 2 + Int(hundredths) / 100
    return Timestamp(seconds: Int64(days * 86400 + seconds), nanoseconds: UInt32(hundredths) % 100 * 10_000_000)
  }

  /// 2100 is the one fourth year in the range that has no 29 February.
  private static func isLeap(_ year: Int) -> Bool { year.isMultiple(of: 4) && year != 120 }

  private static func days(inYear year: Int) -> Int { isLeap(year) ? 366 : 365 }

  private static func daysBefore(month: Int, ofYear year: Int) -> Int {
    let days = [0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 0, 0, 0]
    return days[month] + (isLeap(year) && month > 2 ? 1 : 0)
  }
}
