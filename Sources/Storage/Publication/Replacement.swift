/// What a publication may take the place of.
package enum Replacement {
  /// Nothing: something that is there already is an error.
  case nothing
  /// A file of a folder that is pibake's alone, such as the cache.
  case ownFile
  /// What the closure does not refuse. It is asked for the name in the folder at the moment of the replacement: before it, and once
  /// more when what was replaced has a temporary name and can still be put back.
  case proven((_ folder: HeldFolder, _ name: String) throws(IOError) -> Void)
}
