//! Docker's own `inspect` beside ours: the same bytes, from the engine and from a registry that no engine is asked about.

use crate::parts;
use crate::program::Plimsoll;
use std::process::Command;

const DOCKERFILE: &str = r#"FROM scratch
COPY f /f
LABEL org.opencontainers.image.revision="0123abc" org.opencontainers.image.title="a <b> & c" plain=é empty=""
ENV PATH=/usr/bin:/bin GREETING="hello \"you\""
EXPOSE 80 443/tcp 53/udp
VOLUME /data /logs
USER 1000:1000
WORKDIR /srv/app
HEALTHCHECK --interval=30s --timeout=1m5s --retries=3 CMD ["/f", "--ok"]
ONBUILD COPY . /srv/app
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
STOPSIGNAL SIGQUIT
ENTRYPOINT ["/f"]
CMD ["serve", "--port=80"]
"#;

/// Templates over what the image itself defines.
const TEMPLATES: &str = r#"{{.Id}}
{{.ID}}
{{.Os}}/{{.Architecture}}
{{.Created}}
{{.Author}}|{{.Comment}}|{{.DockerVersion}}
{{.RepoTags}}
{{json .RepoTags}}
{{.RepoDigests}}
{{index .RepoDigests 0}}
{{index .RepoTags 0}}
{{index .RepoTags 1}}
{{index .RepoTags 7}}
{{.Config.Env}}
{{json .Config.Env}}
{{join .Config.Env ","}}
{{range .Config.Env}}{{println .}}{{end}}
{{range $i, $e := .Config.Env}}{{$i}}={{$e}};{{end}}
{{index (split (index .Config.Env 0) "=") 1}}
{{.Config.Labels}}
{{json .Config.Labels}}
{{index .Config.Labels "org.opencontainers.image.revision"}}
{{index .Config.Labels "nope"}}
{{.Config.Labels.plain}}
{{.Config.Labels.missing}}
{{.Config.Labels.org.opencontainers.image.revision}}
{{range $k, $v := .Config.Labels}}{{$k}}:{{$v}}{{"\n"}}{{end}}
{{with .Config.Labels.plain}}has {{.}}{{else}}none{{end}}
{{if eq .Config.Labels.plain "é"}}yes{{end}}
{{len .Config.Labels}}
{{html (index .Config.Labels "org.opencontainers.image.title")}}
{{js (index .Config.Labels "org.opencontainers.image.title")}}
{{urlquery (index .Config.Labels "org.opencontainers.image.title")}}
{{.Config.ExposedPorts}}
{{json .Config.ExposedPorts}}
{{range $p, $c := .Config.ExposedPorts}}{{$p}} {{end}}
{{range $p, $c := .Config.ExposedPorts}}{{$p.Port}}/{{$p.Proto}}/{{$p.Int}} {{end}}
{{.Id}} {{.Config.ExposedPorts}}
{{.Config.Volumes}}
{{json .Config.Volumes}}
{{.Config.User}} {{.Config.WorkingDir}} {{.Config.StopSignal}}
{{.Config.Entrypoint}} {{.Config.Cmd}}
{{json .Config.Entrypoint}}{{json .Config.Cmd}}
{{join .Config.Cmd " "}}
{{.Config.OnBuild}}
{{.Config.Shell}}
{{.Config.Healthcheck.Test}}
{{.Config.Healthcheck.Interval}} {{.Config.Healthcheck.Timeout}} {{.Config.Healthcheck.Retries}}
{{.Config.Healthcheck.Interval.Seconds}}
{{json .Config.Healthcheck}}
{{printf "%v" .Config.Healthcheck.Test}}
{{.Config.Tty}} {{.Config.AttachStdin}} {{.Config.NetworkDisabled}}
{{.Config.Hostname}}|{{.Config.Domainname}}|{{.Config.MacAddress}}
{{json .Config}}
{{.RootFS}}
{{json .RootFS}}
{{.RootFS.Type}} {{len .RootFS.Layers}}
{{index .RootFS.Layers 0}}
{{slice .Id 7 19}}
{{truncate .ID 12}}
{{upper .Os}} {{title .Os}} {{lower "ABC"}} {{pad .Os 1 2}}|
{{printf "%-10s|%5s|%q" .Os .Architecture .Os}}
{{printf "%d %05.1f %x %T" 7 2.5 .Os .Config.Env}}
{{print .Os .Architecture 1 2}}
{{$c := .Config}}{{$c.User}}{{$c.WorkingDir}}
{{define "t"}}<{{.}}>{{end}}{{template "t" .Os}}
{{block "b" .Os}}[{{.}}]{{end}}
{{range .Config.Env}}{{if eq . "PATH=/usr/bin:/bin"}}{{continue}}{{end}}{{.}}{{break}}{{end}}
{{and .Os .Architecture}} {{or .Author .Os}} {{not .Author}}
{{if and (eq .Os "linux") (ne .Architecture "none")}}ok{{else}}no{{end}}
{{if gt (len .Config.Env) 1}}many{{end}}
{{- .Os -}}  x
{{/* a comment */}}x
{{.NoSuch}}
{{.Config.NoSuch}}
{{.Config.Labels.a.b}}
{{.Os.x}}
{{index .Config.Labels 1}}
{{lower .Config}}
{{len .Config.Tty}}
{{.Config.Healthcheck.NoSuch}}
{{range .Os}}{{end}}
{{template "none"}}
table {{.Os}}
"#;

/// Over what only the engine knows.
const LOCAL: &str = r#"{{.Size}} {{.VirtualSize}}
{{.Parent}}
{{.GraphDriver.Name}}
{{json .GraphDriver}}
{{.Metadata.LastTagTime}}
{{json .Metadata}}
{{printf "%.1f" .Size}}
{{json .}}
{{.Id}} {{.Size}}
"#;

/// Debian's own client, whatever other is first in the path: the types that templates see are those of the client, and
/// ours are those of API 1.41.
const CLIENT: &str = "/usr/bin/docker";

/// Builds the image, pushes it, and gives its name.
fn image() -> String {
    let folder = parts::folder("inspect-build");
    std::fs::write(folder.join("Dockerfile"), DOCKERFILE).expect("a Dockerfile");
    std::fs::write(folder.join("f"), "f").expect("a file");
    let name = format!("{}/e2e/inspected:1.4", parts::registry());
    parts::docker(&["build", "--quiet", "--tag", &name, &folder.display().to_string()]);
    parts::docker(&["push", "--quiet", &name]);
    name
}

/// What Docker's client writes: its stdout, and its complaint.
fn docker(words: &[&str]) -> (String, String) {
    let output = Command::new(CLIENT).args(words).output().expect("the client of the Debian package docker.io");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

/// What Docker says is said of the target, in the same bytes, and where it complains, so do we, in the same words.
fn compare(plimsoll: &Plimsoll, name: &str, target: &str, templates: &str) -> (usize, Vec<String>) {
    let mut wrong = Vec::new();
    for template in templates.lines() {
        let (out, complaint) = docker(&["inspect", "--type=image", "--format", template, name]);
        let ours = plimsoll.ask(&["inspect", "--format", template, target]);
        let words = complaint.trim().trim_start_matches("Error: ").to_lowercase();
        let written = String::from_utf8_lossy(&ours.out);
        if written != out || !ours.talk.to_lowercase().contains(&words) {
            wrong.push(format!("{template}\n docker: {out:?} {complaint:?}\n ours:   {written:?} {:?}", ours.talk));
        }
    }
    (templates.lines().count(), wrong)
}

#[test]
fn every_template_gives_the_bytes_that_docker_gives() {
    let (version, _) = docker(&["version", "--format", "{{.Client.APIVersion}}"]);
    assert_eq!(version.trim(), "1.41", "{CLIENT} is not the client that the document is after");
    let name = image();
    let plimsoll = Plimsoll::cold(&parts::folder("inspect"));
    let by_engine = format!("docker:{name}");
    let mut wrong = Vec::new();
    let mut count = 0;
    for (target, templates) in [(&name, TEMPLATES), (&by_engine, TEMPLATES), (&by_engine, LOCAL)] {
        let (compared, differing) = compare(&plimsoll, &name, target, templates);
        count += compared;
        wrong.extend(differing);
    }
    assert!(count >= 170, "{count}");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_document_is_dockers_own() {
    let name = image();
    let plimsoll = Plimsoll::cold(&parts::folder("inspect-document"));
    let (docker, _) = docker(&["inspect", "--type=image", &name]);
    let ours = plimsoll.document(&["inspect", "--docker", &format!("docker:{name}")]);
    assert_eq!(String::from_utf8_lossy(&ours), docker);
    // From the registry, the same but for what only the engine knows.
    let mut theirs = crate::program::parse(docker.as_bytes());
    let ours = plimsoll.json(&["inspect", "--docker", &name]);
    let fields = theirs[0].as_object_mut().expect("a document");
    for local in ["Parent", "Size", "VirtualSize", "GraphDriver", "Metadata"] {
        assert!(fields.remove(local).is_some(), "{local}");
    }
    assert_eq!(ours, theirs);
}
