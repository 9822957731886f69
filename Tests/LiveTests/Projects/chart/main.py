"""The shop: `web` serves the page, `webhook` judges widgets, `certgen` and `patch` are the chart's hooks."""
import base64
import http.server
import json
import os
import ssl
import subprocess
import sys
import time

HOST = "shop-webhook"


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = open("/app/page.txt", "rb").read()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Review(Page):
    def do_POST(self):
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        request = review["request"]
        size = request["object"]["spec"]["size"]
        answer = {"uid": request["uid"], "allowed": size > 0}
        if size <= 0:
            answer["status"] = {"message": "a widget of size %d cannot be made" % size}
        body = json.dumps({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": answer}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve(handler, port, certificates=None):
    server = http.server.ThreadingHTTPServer(("", port), handler)
    if certificates:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates + "/tls.crt", certificates + "/tls.key")
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


def certgen():
    from kube import PLACE, api
    path = "/api/v1/namespaces/%s/secrets" % PLACE
    if api("GET", path + "/shop-webhook-tls"):
        print("the certificate is there")
        return
    name = "%s.%s.svc" % (HOST, PLACE)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=" + name,
         "-addext", "subjectAltName=DNS:" + name, "-keyout", "/tmp/tls.key", "-out", "/tmp/tls.crt"], check=True)
    data = {key: base64.b64encode(open("/tmp/" + key, "rb").read()).decode() for key in ["tls.crt", "tls.key"]}
    api("POST", path, {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
                       "metadata": {"name": "shop-webhook-tls"}, "data": data})
    print("made the certificate")


def patch():
    from kube import PLACE, api
    secret = api("GET", "/api/v1/namespaces/%s/secrets/shop-webhook-tls" % PLACE)
    path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/" + sys.argv[2]
    api("PATCH", path, [{"op": "add", "path": "/webhooks/0/clientConfig/caBundle", "value": secret["data"]["tls.crt"]}],
        "application/json-patch+json")
    print("the webhook trusts the certificate")


def wipe():
    print("WIPED: this hook must only run when the release is deleted")


def main():
    role = sys.argv[1]
    if role == "web":
        serve(Page, 8080)
    elif role == "webhook":
        time.sleep(2)  # real ones need a moment too
        serve(Review, 8443, "/certificates")
    else:
        {"certgen": certgen, "patch": patch, "wipe": wipe}[role]()


main()
