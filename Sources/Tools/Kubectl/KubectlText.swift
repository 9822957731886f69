import ChildProcess

/// What kubectl prints: its own words, and the API's refusals that it passes on.
package enum KubectlText {
    private static let apply = "kubectl-1.32.4-kubernetes-1.20.2-apply-"
    private static let forward = "kubectl-1.32.4-port-forward-"

    // Reasons of the API.
    static let server = ToolText(
        "Error from server", since: "1.20.2", .recording(apply + "forbidden.txt"))
    static let forbidden = ToolText(
        "(Forbidden)", since: "1.20.2", .recording(apply + "forbidden.txt"))
    /// Who administers a cluster that kubeadm made may do everything, by a role since 1.29: an API server
    /// that has just started does not know it yet.
    static let adminRefused = ToolText(
        "User \"kubernetes-admin\" cannot ", since: "1.29",
        .source("kubeadm, phases/kubeconfig; apiserver, authorization/rbac"))
    static let notFound = ToolText(
        "(NotFound)", since: "1.20.2", .recording(apply + "invalid.txt"))
    static let tooManyRequests = ToolText(
        "(TooManyRequests)", .run("kubectl of 1.31 to 1.37"))
    static let ending = ToolText(
        "because it is being terminated", .source("Kubernetes 1.36.3"))
    static let noDryRun = ToolText("does not support dry run", .source("Kubernetes 1.36.3"))
    /// Kubernetes before 1.22 knows policy/v1beta1 only.
    static let noEviction = ToolText(
        "no kind \"Eviction\" is registered", until: "1.21", .unknown)

    /// Nothing answers.
    package static let silence = [
        ToolText("The connection to the server ", .run("kubectl of three versions")),
        ToolText("Unable to connect to the server", .run("kubectl of three versions")),
        ToolText("connect: connection refused", .run("kubectl of three versions")),
        ToolText("TLS handshake timeout", .unknown),
        ToolText("i/o timeout", .unknown),
    ]

    // What is applied.
    static let unparsed = ToolText("error parsing", .run("kubectl 1.31 to 1.37"))
    package static let noKind = ToolText(
        "no matches for kind ", since: "1.20.2", .recording(apply + "no-matches.txt"))
    /// Before 1.25 kubectl itself compares fields with the schema.
    static let invalidData = ToolText(
        "error validating data: ", until: "1.24", .recording(apply + "unknown-field.txt"))
    static let validation = ToolText(
        "ValidationError(", until: "1.24", .recording(apply + "unknown-field.txt"))
    static let unknownField = ToolText(
        "unknown field \"", until: "1.24", .recording(apply + "unknown-field.txt"))
    static let longAnnotation = ToolText("metadata.annotations: Too long", .unknown)
    static let tooLarge = [
        ToolText("must have at most 1048576 bytes", .unknown),
        ToolText("etcdserver: request is too large", .unknown),
        ToolText("Request entity too large", .unknown),
    ]
    static let conflict = ToolText(
        "Apply failed with ", since: "1.20.2", .recording(apply + "conflict.txt"))
    /// Each kind says it in its own way.
    static let immutable = [
        ToolText("is immutable", since: "1.20.2", .recording(apply + "immutable.txt")),
        ToolText("immutable after creation", since: "1.20.2", .recording(apply + "immutable.txt")),
        ToolText("may not change once set", since: "1.20.2", .recording(apply + "immutable.txt")),
        ToolText("may not be changed", since: "1.20.2", .recording(apply + "immutable.txt")),
        ToolText("may not change fields", since: "1.20.2", .recording(apply + "immutable.txt")),
        ToolText("cannot change", since: "1.20.2", .recording(apply + "immutable.txt")),
        ToolText("cannot be changed", .unknown),
        ToolText("can not be changed", .unknown),
        ToolText("cannot be updated", .unknown),
        ToolText("can not be updated", .unknown),
        ToolText("field can not be less than", .unknown),
    ]
    /// `updates to statefulset spec for fields other than … are forbidden`.
    static let updates = ToolText(
        "updates to ", since: "1.20.2", .recording(apply + "immutable.txt"))

    /// The API's decoder cites what it does not take: `error found in #10 byte of ...|…|...`, and
    /// what an object cannot be changed to: `patch: Invalid value: "map[…]": …`.
    static let citation = [
        ToolText("...|", since: "1.20.2", .recording(apply + "undecodable.txt")),
        ToolText("|...", since: "1.20.2", .recording(apply + "undecodable.txt")),
        ToolText(
            "Invalid value: \"map[", since: "1.20.2", .recording(apply + "undecodable-patch.txt")),
        ToolText("]\": ", since: "1.20.2", .recording(apply + "undecodable-patch.txt")),
    ]
    static let citations = [
        Invocation.Citation(from: citation[0].words, to: citation[1].words),
        Invocation.Citation(from: citation[2].words, to: citation[3].words),
    ]

    // Refusals that pass by themselves.
    package static let notServed = ToolText(
        "could not find the requested resource", .source("apimachinery, api/errors/errors.go"))
    /// `failed calling webhook "x.example.com": …`, and of a CustomResourceDefinition's conversion.
    package static let silentWebhook = ToolText(
        "failed calling webhook", since: "1.20.2", .recording(apply + "webhook.txt"))
    package static let silentConversion = ToolText(
        "conversion webhook for ",
        .source("apiextensions-apiserver, conversion/webhook_converter.go"))
    package static let noAccount = ToolText(
        "error looking up service account ",
        .source("Kubernetes, plugin/pkg/admission/serviceaccount/admission.go"))
    package static let overQuota = ToolText(
        "exceeded quota: ", since: "1.20.2", .recording(apply + "quota.txt"))
    package static let uncountedQuota = [
        ToolText("on resourcequotas ", .source("apimachinery, api/errors/errors.go")),
        ToolText(
            "status unknown for quota",
            .source("apiserver, admission/plugin/resourcequota/controller.go")),
        ToolText(
            "resource quota evaluation timed out",
            .source("apiserver, admission/plugin/resourcequota/controller.go")),
    ]
    package static let busy = [
        ToolText("etcdserver: request timed out", .source("etcd, api/v3rpc/rpctypes/error.go")),
        ToolText("etcdserver: leader changed", .source("etcd, api/v3rpc/rpctypes/error.go")),
        ToolText(
            "the server is currently unable to handle the request", since: "1.20.2",
            .recording(apply + "no-server.txt")),
        ToolText(
            "the server was unable to return a response in the time allotted",
            .source("apimachinery, api/errors/errors.go")),
        ToolText(
            "unable to retrieve the complete list of server APIs",
            .source("client-go, discovery/discovery_client.go")),
    ]
    /// `pods "a" already exists`.
    package static let alreadyThere = ToolText(
        "already exists", .source("apimachinery, api/errors/errors.go"))

    // Warnings.
    static let warning = ToolText("Warning: ", .unknown)

    /// Of an object that was made otherwise than by `apply`.
    static let noCopy = ToolText(
        "is missing the kubectl.kubernetes.io/last-applied-configuration annotation",
        .source("Kubernetes 1.36.3"))

    // Files.
    package static let objectWithoutKind = ToolText(
        "Object 'Kind' is missing in", .run("kubectl 1.32.4"))
    package static let noToken = ToolText("cannot start any token", .run("kubectl 1.32.4"))
    package static let noDocument = ToolText("expected <document start>", .run("kubectl 1.32.4"))
    package static let wrongType = ToolText("cannot unmarshal", .run("kubectl 1.32.4"))

    // Forwards.
    static let forwarding = ToolText(
        "Forwarding from ", since: "1.32", .recording(forward + "good.log"))
    static let handling = ToolText(
        "Handling connection", since: "1.32", .recording(forward + "good.log"))
    /// From 1.31 on it stands within a line of kubectl's log.
    static let failedForward = ToolText(
        "an error occurred forwarding", since: "1.32", .recording(forward + "refused.log"))
    static let refused = [
        ToolText("connection refused", since: "1.32", .recording(forward + "refused.log")),
        ToolText("Connection refused", .unknown),
        ToolText("failed to connect", since: "1.32", .recording(forward + "refused.log")),
        ToolText("not found", .unknown),
    ]

    /// Go's words for a connection that ended in the middle: whether the API did what it was asked is
    /// not known then.
    package static let lost = [
        ToolText("http2: client connection lost", .run("kubectl 1.32.4")),
        ToolText("http2: server sent GOAWAY", .source("golang.org/x/net, http2/transport.go")),
        ToolText("connection reset by peer", .source("Go, syscall/zerrors_linux_amd64.go")),
        ToolText("unexpected EOF", .source("Go, io/io.go")),
    ]

    static let all =
        [
            server, forbidden, adminRefused, notFound, tooManyRequests, ending, noDryRun,
            noEviction, unparsed,
            noKind, invalidData, validation, unknownField, longAnnotation, conflict, updates,
            warning, objectWithoutKind, noToken, noDocument, wrongType, forwarding, handling,
            failedForward,
            noCopy, notServed, silentWebhook, silentConversion, noAccount, overQuota, alreadyThere,
        ] + uncountedQuota + busy + silence + lost + immutable + refused + tooLarge + citation
}

extension Outcome {
    /// Whether the API did not let the account do it.
    var isForbidden: Bool { !succeeded && KubectlText.forbidden.isIn(errorText) }
    /// Whether the API server does not know yet what its administrator may do.
    var isWithoutRoles: Bool { isForbidden && KubectlText.adminRefused.isIn(errorText) }
    /// Whether the API does not have the object.
    package var isNotFound: Bool { !succeeded && KubectlText.notFound.isIn(errorText) }
}
