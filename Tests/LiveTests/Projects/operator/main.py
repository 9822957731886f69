"""An operator: makes a Deployment of RELATED_IMAGE_SITE for each Site, and says so in its status."""
import os
import time

from kube import PLACE, api

GROUP = os.environ["GROUP"]
SITES = "/apis/%s/v1/namespaces/%s/sites" % (GROUP, PLACE)
DEPLOYMENTS = "/apis/apps/v1/namespaces/%s/deployments" % PLACE


def wanted(site):
    name = "site-" + site["metadata"]["name"]
    labels = {"site": site["metadata"]["name"]}
    owner = {"apiVersion": GROUP + "/v1", "kind": "Site", "name": site["metadata"]["name"],
             "uid": site["metadata"]["uid"], "controller": True}
    container = {"name": "site", "image": os.environ["RELATED_IMAGE_SITE"],
                 "readinessProbe": {"httpGet": {"path": "/", "port": 8080}, "periodSeconds": 1}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "ownerReferences": [owner]},
            "spec": {"replicas": site["spec"].get("replicas", 1), "selector": {"matchLabels": labels},
                     "template": {"metadata": {"labels": labels},
                                  "spec": {"terminationGracePeriodSeconds": 1, "containers": [container]}}}}


def reconcile(site):
    deployment = wanted(site)
    path = DEPLOYMENTS + "/" + deployment["metadata"]["name"]
    there = api("GET", path)
    if there is None:
        api("POST", DEPLOYMENTS, deployment)
        print("made", path)
    elif there["spec"]["template"]["spec"]["containers"][0]["image"] != os.environ["RELATED_IMAGE_SITE"]:
        api("PATCH", path, {"spec": deployment["spec"]}, "application/strategic-merge-patch+json")
        print("changed", path)


while True:
    try:
        for site in (api("GET", SITES) or {"items": []})["items"]:
            reconcile(site)
        open("/tmp/ready", "w").close()
    except Exception as error:  # an API that is away for a moment ends no operator
        print(error)
    time.sleep(0.5)
