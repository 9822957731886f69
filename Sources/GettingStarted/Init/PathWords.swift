import Vocabulary

/// What the words of a path say of the file: what it is for, and which environment it belongs to.
enum PathWords {
    /// Folders of what shows, checks or documents a project.
    private static let aside: Set<String> = [
        "example", "examples", "sample", "samples", "demo", "demos", "test", "tests", "testing",
        "e2e", "integration", "fixture", "fixtures", "testdata", "doc", "docs", "website", "bundle",
        "old", "legacy", "deprecated", "archive", "archived", "backup", "contrib", "bench",
        "benchmark", "benchmarks", "ci", "tools", "tooling", "scripts", "hack", "templates",
        "tutorial", "tutorials", "third_party", "playground", "devcontainer", "misc",
    ]
    /// Folders of what was made from other files.
    private static let made: Set<String> = [
        "release", "releases", "install", "generated", "gen", "build", "static", "public",
    ]
    private static let environments: [String: Int] = [
        "dev": 0, "development": 0, "local": 0, "kind": 0, "minikube": 0, "k3d": 0, "devel": 0,
        "staging": 2, "stage": 2, "stg": 2, "qa": 2, "uat": 2, "test": 2, "testing": 2,
        "preview": 2, "sandbox": 2, "ci": 2, "e2e": 2, "canary": 2, "preprod": 2, "int": 2,
        "prod": 3, "production": 3, "live": 3, "prd": 3, "aws": 3, "gcp": 3, "azure": 3, "eks": 3,
        "gke": 3, "aks": 3, "openshift": 3, "ocp": 3,
    ]
    /// What Containerfiles are called that are variants of the one beside them.
    static let variants: Set<String> = [
        "dev", "development", "local", "debug", "test", "tests", "ci", "prod", "production",
        "release", "e2e", "lint", "builder", "build", "base", "alpine", "debian", "arm", "arm64",
        "amd64", "windows", "distroless", "ubi", "cross",
    ]
    /// Folders that say nothing of what is in them.
    static let generic: Set<String> = [
        "docker", "container", "containers", "containerfiles", "dockerfiles", "build", "package",
        "deploy", "deployment", "deployments", "src", "source", "images", "image", "infra", "ops",
        "services", "apps", "packages", "cmd",
    ]

    /// 0 for what a project is deployed from, 1 for what was made of that, 2 for anything aside.
    ///
    /// - Parameter isFolder: whether the last component is a folder's name too.
    static func rank(of path: String, isFolder: Bool = false) -> Int {
        let folders = ProjectPath.parts(of: path).map { $0.lowercased() }
        let names = isFolder ? folders : Array(folders.dropLast())
        if names.contains(where: aside.contains) { return 2 }
        return names.contains(where: made.contains) ? 1 : 0
    }

    /// 0 for development, 1 where nothing is said, 2 for what comes before production, 3 for that.
    static func environment(of path: String) -> Int {
        let words = ProjectPath.parts(of: path).flatMap { part in
            part.lowercased().split { "-_.".contains($0) }.map(String.init)
        }
        // The last word that says so: `prod/dev-tools/` is there, whatever it is called.
        return words.compactMap { environments[$0] }.last ?? 1
    }

    /// The words of a name, in lower case.
    static func words(_ name: String) -> Set<String> {
        Set(name.lowercased().split { !($0.isLetter || $0.isNumber) }.map(String.init))
    }
}
