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

    /// Whether a text of this kind can name an image at all: what has none of the words that do is not worth reading.
    /// A text with a backslash may spell them otherwise.
    pub fn may_name(self, text: &str) -> bool {
        let words: &[&str] = match self {
            Self::Kubernetes | Self::HelmValues => &["image", "repository", "\\"],
            Self::Kustomize => &["images", "\\"],
            Self::GitlabCi => &["image", "services", "\\"],
            Self::Workflow | Self::Action => &["uses", "image", "container", "\\"],
            _ => return true,
        };
        words.iter().any(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some())
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

/// `Dockerfile`, `Dockerfile.web`, `web.dockerfile`, and the same with Podman's name; not what is made into one, or out
/// of one, or speaks of one.
fn is_dockerfile(name: &str) -> bool {
    let other = [
        "dockerignore",
        "md",
        "txt",
        "bak",
        "orig",
        "j2",
        "tmpl",
        "template",
        "in",
        "erb",
        "go",
        "py",
        "json",
        "rs",
        "ts",
        "c",
        "h",
        "cc",
        "cpp",
        "kt",
        "html",
        "lock",
        "toml",
        "xml",
        "yaml",
        "yml",
        "patch",
        "diff",
    ];
    let speaks = |rest: &str| rest.rsplit_once('.').is_some_and(|(_, ending)| other.contains(&ending));
    ["dockerfile", "containerfile"].iter().any(|word| {
        name.strip_prefix(word).is_some_and(|rest| rest.is_empty() || (rest.starts_with(['.', '-']) && !speaks(rest)))
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
    let (mut version, mut kind, mut services, mut jobs) = (false, false, false, false);
    for line in text.strip_prefix('\u{feff}').unwrap_or(text).split('\n') {
        // Nothing at the left edge but a key is of interest, and few lines have one.
        let found = match line.as_bytes().first() {
            Some(b'a') => ("apiVersion", &mut version),
            Some(b'k') => ("kind", &mut kind),
            Some(b's') => ("services", &mut services),
            Some(b'j') => ("jobs", &mut jobs),
            _ => continue,
        };
        *found.1 |= line.strip_prefix(found.0).is_some_and(|rest| rest.trim_start().starts_with(':'));
    }
    let object = version && kind;
    if object && text.contains("kustomize.config.k8s.io/") {
        Some(Kind::Kustomize)
    } else if object {
        Some(Kind::Kubernetes)
    } else if services && (text.contains("image:") || text.contains("build:")) {
        Some(Kind::Compose)
    } else if jobs && text.contains("runs-on:") {
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
            ("Dockerfile-web", "dockerfile"),
            ("Dockerfile.plugin", "dockerfile"),
            ("x.containerfile", "dockerfile"),
            ("Dockerfile.dockerignore", "none"),
            ("Dockerfile.web.dockerignore", "none"),
            ("Dockerfile.md", "none"),
            ("Dockerfile.tmpl", "none"),
            ("mydockerfile", "none"),
            ("dockerfile_test.go", "none"),
            ("dockerfile.rs", "none"),
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
    fn what_has_none_of_the_words_names_nothing() {
        assert!(!Kind::Kubernetes.may_name("apiVersion: v1\nkind: Service\nspec: {ports: []}\n"));
        assert!(Kind::Kubernetes.may_name("kind: Pod\nspec: {containers: [{image: a}]}\n"));
        assert!(Kind::Kubernetes.may_name("kind: Pod\nspec: {containers: [{\"im\\u0061ge\": a}]}\n"));
        assert!(Kind::HelmValues.may_name("app: {repository: a, tag: b}\n"));
        assert!(Kind::Workflow.may_name("jobs: {a: {steps: [{uses: a/b@c}]}}\n"));
        assert!(Kind::Dockerfile.may_name("") && Kind::Compose.may_name(""));
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
