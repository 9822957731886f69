"""Kubernetes' API as a pod reaches it: one function, and what goes wrong as an exception."""
import json
import os
import ssl
import urllib.error
import urllib.request

ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount/"
PLACE = open(ACCOUNT + "namespace").read()


def api(method, path, body=None, kind="application/json"):
    """Returns the answer as an object; None for 404."""
    context = ssl.create_default_context(cafile=ACCOUNT + "ca.crt")
    request = urllib.request.Request(
        "https://%s:%s%s" % (os.environ["KUBERNETES_SERVICE_HOST"], os.environ["KUBERNETES_SERVICE_PORT"], path),
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": "Bearer " + open(ACCOUNT + "token").read(),
            "Content-Type": kind,
        },
    )
    try:
        with urllib.request.urlopen(request, context=context, timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        raise RuntimeError("%s %s: %d %s" % (method, path, error.code, error.read().decode())) from None
