extension Form<OutputSettings.Tree> {
  /// What files are written as instead of disk images.
  static var tree: Form {
    Form { setting in
      if case .string("tar") = setting.content { return .failure(.unsupported("\"tar\"")) }
      return Form.choice().read(setting)
    }
  }
}
