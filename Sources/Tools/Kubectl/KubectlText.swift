import ChildProcess

/// What kubectl prints, and the API's refusals that it passes on.
package enum KubectlText {
    static let forbidden = ToolText("(Forbidden)")
    static let notFound = ToolText("(NotFound)")
    static let noDryRun = ToolText("does not support dry run")
}

/// What a kubelet says.
package enum KubeletText {
    /// In place of a log that is gone already.
    package static let noLog = ToolText("unable to retrieve container logs for ")
}

extension Outcome {
    /// Whether the API did not let the account do it.
    var isForbidden: Bool { !succeeded && KubectlText.forbidden.isIn(errorText) }
    /// Whether the API does not have the object.
    package var isNotFound: Bool { !succeeded && KubectlText.notFound.isIn(errorText) }
}
