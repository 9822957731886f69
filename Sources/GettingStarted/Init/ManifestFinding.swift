/// Where a tool's file says that manifests are.
enum ManifestFinding: Sendable, Equatable {
    /// Files, by a pattern relative to the project's folder.
    case files(String)
    /// A folder with a kustomization.
    case kustomization(String)
    /// A chart.
    case chart(HelmChart)
}
