/// The words that sentences of the tools and of `doctor` are made of, in lower case.
enum BundleVocabulary {
    static let words = Set(text.split(whereSeparator: \.isWhitespace).map(String.init))

    private static let text = """
        a about above accept access accessible account across active add added address addresses
        after again against all allow allowed already also always an and another answer answers any
        api apiserver app apply are as ask asked at attached attempt authentication authority
        authorization available aardvark-dns back backoff back-off bad be because become been before
        began begin behind being beside between bind bits both bound bridge broken build builder
        built busy but by bytes
        cache calico call called calls can cancelled cannot certificate cgroup cgroups change changed
        check checks child class clear client clock closed cluster clusterrole cni code cold command
        compatible complete component components condition config configuration configured
        configmap connect connected connection connections container containerd container(s)
        containers content context control controller controllers coredns could cpu crashloopbackoff
        create created creating creation crictl curl current
        daemon daemonset data day days deadline decided default delegated delete deleted deleting
        denied deployment desc desired detail device devcluster did different directory disabled
        disk does done down dns driver during docker
        each early either else empty enabled end ended ending endpoint endpoints engine enough entry
        env eof err error errors errimagepull errimageneverpull etcd event events every evicted
        exceeded except exec exist existing exists exit exited expected expired external
        failed failedcreatepodsandbox failedmount failedscheduling failing fails failure false far
        field file files filesystem find first fix flannel folder for forbidden force foreign format
        forward forwards found free fresh from full fs.inotify.max_user_instances
        fs.inotify.max_user_watches
        gave get git give go gone good got group
        had handshake has have head healthy held here high hold holds host hosts hosts.toml hour
        hours how http https
        id if ignored image imagepullbackoff images in index info init inotify inside install
        installed instead insufficient internal into invalid io ip iptables is it its itself
        job journal json just
        keep kept key kept kill killed killing kind kindnet kindnetd know known kubeconfig kubectl
        kube-apiserver kube-controller-manager kube-proxy kube-scheduler kube-system kubelet
        label last later layer lead leader leads leaves left less level limit limits line list
        listen listener listening lists local localhost lock locked locks log login long look looks
        lookup lost low
        machine made make manifest manifests many match may memory message messages method minute
        minutes mirror missing mode module more most mount mounted mounts msg must
        name named names namespace namespaces need needs netavark network networks never new newer
        next no nobody node node(s) nodes nodenotready none normal not notfound notready nothing now
        null number
        object objects occurred of off ok old on once one only oomkilled open operation or other
        others our ours out outside over own
        page passed path pause paused peer pending per permission permitted persistentvolumeclaim
        phase pid pids pipe place please pod pods podman policy pool port port-forward ports post
        pressure probe problem process processes profile project protocol provider proxy prune pull
        pulled pulling pulls push put
        quota
        ran range rate reach reachable read readiness reading ready readonly reason reboot received
        record recreate reference refused refuses registry reject rejected release remove removed
        repair replace replicas replicaset request requested requests required reset resolution
        resolve resolved resolver resource resources response restart restarted restarting retry
        retrying right role rollout root rootful rootless route rpc rule run runs running runtime
        same sandbox say says schedule scheduled scheduler schema scheme second seconds see seen
        server service services session set shared shim should show shows signal signed since size
        slow small so socket some something space spec specified start started starting startup
        state stateful statefulset status step still stop stopped storage stream string subnet
        succeeded such sudo swap switch synced sync sysctl system systemd
        table tag tags taint taints take taken takes tcp tells temporary terminal terminated
        terminating terminationgraceperiod test than that the their them then there they this
        through time timed timeout timeouts timestamp tls to token too took transport tree tried true
        try two type
        udp unable unauthorized unavailable undefined under unexpected unhealthy unix unknown
        unmount unreachable unschedulable unsupported until up updated upstream usage use used user
        uses using
        valid value verified verify version volume volumes
        wait waiting waits want wanted warning was watch way webhook were what when where whether
        which while who whole will with within without work worker workers works workload write
        writes written wrong
        x509 yaml yes yet you your zombie
        """
}
