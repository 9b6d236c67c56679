//! What kind of text a file is: told by its path first, by its content where many kinds share a name.

/// A kind of text in which images are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// What BuildKit and others build from.
    Dockerfile,
    /// A Compose file (<https://github.com/compose-spec/compose-spec/blob/main/spec.md>).
    Compose,
    /// Kubernetes' objects, one or several a file.
    Kubernetes,
    /// A `kustomization.yaml`.
    Kustomize,
    /// The values of a Helm chart.
    HelmValues,
    /// A file that Helm fills in: not YAML before that, so it is left alone.
    HelmTemplate,
    /// A workflow of GitHub Actions, or what speaks its language.
    Workflow,
    /// An `action.yml`.
    Action,
    /// A pipeline of GitLab CI.
    GitlabCi,
    /// A Bake file in HCL.
    BakeHcl,
    /// A Bake file in JSON.
    BakeJson,
    /// A `devcontainer.json`.
    Devcontainer,
    /// Terraform's or OpenTofu's configuration.
    Terraform,
    /// Text in which a regular expression of the policy finds images.
    Pattern,
}

impl Kind {
    /// One word, for reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Dockerfile => "dockerfile",
            Self::Compose => "compose",
            Self::Kubernetes => "kubernetes",
            Self::Kustomize => "kustomize",
            Self::HelmValues => "helm-values",
            Self::HelmTemplate => "helm-template",
            Self::Workflow => "workflow",
            Self::Action => "action",
            Self::GitlabCi => "gitlab-ci",
            Self::BakeHcl => "bake-hcl",
            Self::BakeJson => "bake-json",
            Self::Devcontainer => "devcontainer",
            Self::Terraform => "terraform",
            Self::Pattern => "pattern",
        }
    }

    /// The kind that a path alone tells, `/` between its parts; `None` where the content has to be seen, or nothing
    /// of the kind is known.
    pub fn of_path(path: &str) -> Option<Self> {
        let lower = path.to_ascii_lowercase();
        let name = lower.rsplit('/').next().unwrap_or_default();
        if is_dockerfile(name) {
            return Some(Self::Dockerfile);
        }
        match name {
            ".gitlab-ci.yml" | ".gitlab-ci.yaml" => return Some(Self::GitlabCi),
            "kustomization.yaml" | "kustomization.yml" | "kustomization" => return Some(Self::Kustomize),
            "action.yml" | "action.yaml" => return Some(Self::Action),
            "devcontainer.json" | ".devcontainer.json" => return Some(Self::Devcontainer),
            _ => {}
        }
        let (stem, ending) = name.rsplit_once('.')?;
        match ending {
            "hcl" if is_bake(stem) => Some(Self::BakeHcl),
            "json" if is_bake(stem) => Some(Self::BakeJson),
            "tf" | "tofu" => Some(Self::Terraform),
            "yml" | "yaml" => yaml_of_path(&lower, stem),
            _ => None,
        }
    }

    /// The kind of a file; `None` where it is none in which images are looked for.
    pub fn of(path: &str, text: &str) -> Option<Self> {
        let lower = path.to_ascii_lowercase();
        let yaml = lower.ends_with(".yml") || lower.ends_with(".yaml") || lower.ends_with(".tpl");
        if yaml && lower.split('/').rev().skip(1).any(|part| part == "templates") && text.contains("{{") {
            return Some(Self::HelmTemplate);
        }
        Self::of_path(path).or_else(|| yaml.then(|| yaml_of_content(text)).flatten())
    }
}

/// `Dockerfile`, `Dockerfile.web`, `web.dockerfile`, and the same with Podman's name.
fn is_dockerfile(name: &str) -> bool {
    ["dockerfile", "containerfile"].iter().any(|word| {
        name.strip_prefix(word)
            .is_some_and(|rest| rest.is_empty() || (rest.starts_with(['.', '-']) && !rest.ends_with(".dockerignore")))
            || name.strip_suffix(word).is_some_and(|rest| rest.ends_with('.'))
    })
}

fn is_bake(stem: &str) -> bool {
    stem.starts_with("docker-bake") || stem.ends_with(".bake") || stem == "bake"
}

fn yaml_of_path(lower: &str, stem: &str) -> Option<Kind> {
    let folders = ["/.github/workflows/", "/.gitea/workflows/", "/.forgejo/workflows/"];
    if folders.iter().any(|folder| format!("/{lower}").contains(folder)) {
        return Some(Kind::Workflow);
    }
    let word =
        |word: &str| stem == word || stem.starts_with(&format!("{word}.")) || stem.ends_with(&format!(".{word}"));
    let dashed = |word: &str| stem.starts_with(&format!("{word}-"));
    if word("compose") || word("docker-compose") || dashed("compose") || dashed("docker-compose") {
        Some(Kind::Compose)
    } else if word(".gitlab-ci") || stem.ends_with(".gitlab-ci") || format!("/{lower}").contains("/.gitlab/ci/") {
        Some(Kind::GitlabCi)
    } else if word("values") || dashed("values") || stem.ends_with("-values") {
        Some(Kind::HelmValues)
    } else {
        None
    }
}

/// The kind of a YAML text by its keys at the left edge: cheap, and right only for what a parser then confirms.
fn yaml_of_content(text: &str) -> Option<Kind> {
    let has = |key: &str| {
        text.lines().any(|line| {
            let line = line.trim_start_matches('\u{feff}');
            line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(':'))
        })
    };
    let object = has("apiVersion") && has("kind");
    if object && text.contains("kustomize.config.k8s.io/") {
        Some(Kind::Kustomize)
    } else if object {
        Some(Kind::Kubernetes)
    } else if has("services") && (text.contains("image:") || text.contains("build:")) {
        Some(Kind::Compose)
    } else if has("jobs") && text.contains("runs-on:") {
        Some(Kind::Workflow)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str, expected: &str) {
        assert_eq!(Kind::of(path, text).map_or("none", Kind::word), expected, "{path}");
    }

    #[test]
    fn paths_tell() {
        for (path, expected) in [
            ("Dockerfile", "dockerfile"),
            ("a/Dockerfile.web", "dockerfile"),
            ("web.Dockerfile", "dockerfile"),
            ("Containerfile", "dockerfile"),
            ("Dockerfile.dockerignore", "none"),
            ("dockerfiles.md", "none"),
            ("compose.yaml", "compose"),
            ("docker-compose.prod.yml", "compose"),
            ("docker-compose-test.yml", "compose"),
            ("compose.override.yaml", "compose"),
            ("k8s/kustomization.yaml", "kustomize"),
            ("charts/a/values.yaml", "helm-values"),
            ("charts/a/values-prod.yaml", "helm-values"),
            (".github/workflows/ci.yml", "workflow"),
            ("x/.forgejo/workflows/ci.yaml", "workflow"),
            ("action.yml", "action"),
            (".gitlab-ci.yml", "gitlab-ci"),
            ("ci/build.gitlab-ci.yml", "gitlab-ci"),
            ("docker-bake.hcl", "bake-hcl"),
            ("docker-bake.override.json", "bake-json"),
            (".devcontainer/devcontainer.json", "devcontainer"),
            (".devcontainer/go/devcontainer.json", "devcontainer"),
            ("main.tf", "terraform"),
            ("package.json", "none"),
            ("values.json", "none"),
            ("README.md", "none"),
            ("any.yaml", "none"),
        ] {
            check(path, "", expected);
        }
    }

    #[test]
    fn content_tells_where_a_name_does_not() {
        check("app.yaml", "apiVersion: v1\nkind: Pod\n", "kubernetes");
        check("app.yaml", "\u{feff}apiVersion: v1\r\nkind: Pod\r\n", "kubernetes");
        check("app.yaml", "a:\n  apiVersion: v1\n  kind: Pod\n", "none");
        check("k.yaml", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n", "kustomize");
        check("stack.yml", "services:\n  a:\n    image: b\n", "compose");
        check("ci.yml", "jobs:\n  a:\n    runs-on: x\n", "workflow");
        check("chart/templates/app.yaml", "apiVersion: v1\nkind: Pod\nx: {{ .Values.x }}\n", "helm-template");
        check("chart/templates/app.yaml", "apiVersion: v1\nkind: Pod\n", "kubernetes");
    }
}
