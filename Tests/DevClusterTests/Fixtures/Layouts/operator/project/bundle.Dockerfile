FROM scratch
COPY bundle/manifests /manifests/
COPY bundle/metadata /metadata/
