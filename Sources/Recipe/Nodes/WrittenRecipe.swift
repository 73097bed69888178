/// A recipe file as it is written, without what it extends: a wrong value is wrong also where a later file replaces it.
enum WrittenRecipe {
  /// Reports what is wrong with the file by itself.
  static func check(_ file: SettingTable, log: ProblemLog) {
    LanguageCheck(log: log).check(file, RecipeLanguage.top, title: TableTitle(nil))
  }

  /// Reports what is wrong with a line of an inventory by itself.
  static func check(inventory node: SettingTable, log: ProblemLog) {
    LanguageCheck(log: log).check(node, RecipeLanguage.node, title: TableTitle("[[nodes]]"))
  }
}
