import ChildProcess
import Foundation

@testable import Deployment
@testable import GettingStarted
@testable import Images
@testable import Settings
@testable import Tools
@testable import Verification
@testable import Vocabulary
@testable import Workloads

extension FuzzTarget {
    /// Files of other tools that `init` reads.
    static let project = reading(
        "project",
        Samples.texts([
            "docker_build('web', '.', dockerfile=\"Containerfile\", build_args={'A': '1', 'B': 2})\n"
                + "k8s_yaml(['deploy.yaml', helm('chart', name='x', values=['v.yaml'])])\n"
                + "k8s_resource('web', port_forwards=[8080, '81:80', port_forward(1, 2)])\n",
            "if x:\n  docker_build('a')\ncustom_build('a', 'docker build -t x --build-arg A=1 .')\n"
                + "load('ext://x', \"y\") # z\nf('''a\nb''', r'c', {a: [1, (2)], 'k': g(h()[0])})\n",
            #"{"name": "p", "services": {"web": {"build": {"context": "${A:-.}", "target": "t","#
                + #""args": ["A=1", "B"]}, "image": "r/${N}:1", "ports": ["8080:80","#
                + #"{"target": 80, "published": "81"}]}, "db": {"image": "postgres"}}}"#,
            #"{"build": {"artifacts": [{"image": "web", "context": ".", "docker":"#
                + #"{"dockerfile": "Containerfile", "buildArgs": {"A": 1}}}]}, "manifests":"#
                + #"{"rawYaml": ["k8s/*.yaml"], "helm": {"releases": [{"name": "r","#
                + #""chartPath": "c", "valuesFiles": ["v"]}]}}, "portForward": [{"resourceName":"#
                + #""web", "resourceType": "service", "port": 80, "localPort": 8080}]}"#,
            #"{"kind": "Kustomization", "resources": ["../base", "a.yaml"], "patches":"#
                + #"[{"path": "p.yaml"}]}"#,
            #"{"webImage": {"registry": "r", "repository": "a/b"}, "jobs": [{"image": "c:1"}]}"#,
            "A=1\nB='2 $A'\n# C=3\nD=${A:-${B}}\n",
        ]),
        words: ["docker_build(", "k8s_yaml([", "[", "(", "{'a': ", "'''", "${A:-", "$$", "\\'"]
    ) { data, _ in
        let files = Project.files
        let text = data.text
        _ = Tiltfile(text, path: "Tiltfile", files: files).findings
        _ = ComposeVariables(environment: text).expanded(text)
        _ = BuildCommand(text.split(whereSeparator: \.isWhitespace).map(String.init))
        guard let document = try? JSONValue(parsing: data) else { return }
        _ = ComposeFile([document, document], path: "c.yaml", files: files, project: "p").findings
        _ = SkaffoldFile([document], path: "s.yaml", files: files).findings
        _ = Kustomization(document, place: "a")
        _ = HelmChart.references(in: document)
        _ = ManifestFile(path: "m.yaml", documents: [document])?.placeholder
    }

    /// Manifests as kubectl hands them on, and live objects that are compared with them.
    static let manifests = reading(
        "manifests",
        Samples.objects("kubectl-")
            + Samples.texts([
                #"{"items": [{"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "a","#
                    + #""annotations": {"helm.sh/hook": "pre-install,pre-upgrade","#
                    + #""helm.sh/hook-weight": "-5", "helm.sh/hook-delete-policy":"#
                    + #""hook-succeeded", "kubectl.kubernetes.io/last-applied-configuration":"#
                    + #""{\"a\": 1}"}}, "spec": {"template": {"spec": {"containers": [{"name": "a","#
                    + #""image": "web:1"}]}}}}]}"#,
                #"{"items": [{"apiVersion": "apiextensions.k8s.io/v1", "kind":"#
                    + #""CustomResourceDefinition", "metadata": {"name": "a.b"}, "spec": {"group":"#
                    + #""b", "names": {"kind": "A"}, "conversion": {"webhook": {"clientConfig":"#
                    + #"{"service": {"name": "s", "namespace": "n"}}}}}}, {"apiVersion": "b/v1","#
                    + #""kind": "A", "metadata": {"name": "x"}, "spec": {"containers": [{"image":"#
                    + #""web"}]}}, {"apiVersion": "v1", "kind": "Service", "metadata": {"name":"#
                    + #""s"}, "spec": {"type": "LoadBalancer", "selector": {"a": "b"}}}]}"#,
            ]), words: ["\"containers\":[", "\"image\":\"web\"", "/", "\"helm.sh/hook\":"]
    ) { data, _ in
        let objects = try JSONValue(parsing: data)["items"]?.array ?? []
        let rewriter = ImageRewriter(
            images: [Configuration.Image(name: try RepositoryName("web"))],
            registryNames: ["localhost:5001"])
        let sorted = ManifestOrder.sorted(objects)
        let guards = ObjectGuards(sorted, namespace: "n")
        _ = ApplyWaves(sorted, guards: guards).waves
        _ = guards.workloads(behind: sorted)
        _ = CustomUse.all(in: sorted, rewriter)
        _ = PendingLoadBalancers.names(in: sorted, home: "n")
        _ = HelmHook.running(at: .preInstall, of: sorted.compactMap(HelmHook.init))
        for object in sorted.prefix(20) {
            let manifest = ManifestObject(object)
            _ = (manifest.target(home: "n"), manifest.place(home: "n"), manifest.lastApplied)
            _ = (HelmHook(object)?.name, object.identity(namespaced: true))
            _ = rewriter.rewrite(object) { _ in "web:2" }
            _ = try Kubectl.isTooLargeToApply(object)
        }
    }
}

/// A project with nothing in it but the files that others name.
private enum Project {
    static let files = ProjectFiles(
        folder: NSTemporaryDirectory() + "devcluster-fuzz-none",
        with: ["Containerfile", "Tiltfile", "deploy.yaml"])
}
