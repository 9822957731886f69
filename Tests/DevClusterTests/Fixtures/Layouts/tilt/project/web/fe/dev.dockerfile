ARG BASE=docker.io/library/busybox:1.36
FROM ${BASE}
COPY index.html /www/index.html
CMD ["/bin/httpd", "-f", "-p", "8080", "-h", "/www"]
