//! What a request needs leave for, in the words of token servers
//! (<https://distribution.github.io/distribution/spec/auth/scope/>).

/// What may be done in a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rights(u8);

impl Rights {
    pub(super) const PULL: Self = Self(1);
    /// Who pushes also looks what is there.
    pub(super) const PUSH: Self = Self(0b11);
    pub(super) const DELETE: Self = Self(0b100);
    /// What a user and password may do, as far as we can know.
    pub(super) const ALL: Self = Self(0b111);

    const NAMES: [(u8, &str); 3] = [(1, "pull"), (2, "push"), (4, "delete")];

    /// Those of a list like `pull,push`; unknown words are passed over, `*` is all.
    fn parse(list: &str) -> Self {
        let bit = |word| match word {
            "*" => Self::ALL.0,
            word => Self::NAMES.iter().find(|(_, name)| *name == word).map_or(0, |(bit, _)| *bit),
        };
        Self(list.split(',').fold(0, |bits, word| bits | bit(word)))
    }

    /// Whether these include `other`.
    pub(super) fn cover(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    fn words(self) -> String {
        let names = Self::NAMES.iter().filter(|(bit, _)| self.0 & bit != 0).map(|(_, name)| *name);
        names.collect::<Vec<_>>().join(",")
    }
}

/// Rights in a repository, and perhaps the right to read another one, which a mount takes a blob from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scope {
    repository: String,
    rights: Rights,
    source: Option<String>,
}

impl Scope {
    pub(super) fn of(repository: &str, rights: Rights) -> Self {
        Self { repository: repository.to_owned(), rights, source: None }
    }

    /// Leave for nothing but to be known.
    pub(super) fn nothing() -> Self {
        Self::of("", Rights(0))
    }

    /// The same with leave to read `source` on the same registry.
    pub(super) fn with_source(mut self, source: &str) -> Self {
        self.source = Some(source.to_owned()).filter(|source| *source != self.repository);
        self
    }

    /// Whether who has this needs to ask for nothing to do what `other` says.
    pub(super) fn covers(&self, other: &Self) -> bool {
        self.repository == other.repository
            && self.rights.cover(other.rights)
            && (other.source.is_none() || other.source == self.source)
    }

    /// `repository:NAME:pull,push`, and one more for a mount's source.
    pub(super) fn words(&self) -> Vec<String> {
        let word = |name: &str, rights: Rights| format!("repository:{name}:{}", rights.words());
        let source = self.source.iter().map(|name| word(name, Rights::PULL));
        let own = (self.rights != Rights(0)).then(|| word(&self.repository, self.rights));
        own.into_iter().chain(source).collect()
    }

    /// What to ask a token server for: what its challenge states first, since some servers read only the first,
    /// and of ours what that leaves out.
    pub(super) fn beside(&self, stated: Option<&str>) -> Vec<String> {
        let stated = stated.filter(|text| !text.trim().is_empty());
        let offered: Vec<&str> = stated.map(|text| text.split_ascii_whitespace().collect()).unwrap_or_default();
        let missing = |wanted: &String| !offered.iter().any(|one| allows(one, wanted));
        stated.map(str::to_owned).into_iter().chain(self.words().into_iter().filter(missing)).collect()
    }
}

/// Whether the scope `offered` allows all of `wanted`: both `repository:NAME:ACTIONS`.
fn allows(offered: &str, wanted: &str) -> bool {
    let split = |scope: &'_ str| -> Option<(String, Rights)> {
        let (name, actions) = scope.strip_prefix("repository:")?.rsplit_once(':')?;
        Some((name.to_owned(), Rights::parse(actions)))
    };
    match (split(offered), split(wanted)) {
        (Some((name, has)), Some((asked, needs))) => name == asked && has.cover(needs),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_beside_a_challenge() {
        let check = |scope: Scope, stated: Option<&str>, expected: &[&str]| {
            assert_eq!(scope.beside(stated), expected, "{stated:?}");
        };
        let pull = || Scope::of("a/b", Rights::PULL);
        for covers in [
            "repository:a/b:pull",
            "repository:a/b:pull,push",
            "repository:a/b:push,pull",
            "repository:a/b:*",
            "repository:x:pull repository:a/b:pull",
        ] {
            check(pull(), Some(covers), &[covers]);
        }
        for other in ["repository:a/b:push", "repository:a/bc:pull", "registry:catalog:*"] {
            check(pull(), Some(other), &[other, "repository:a/b:pull"]);
        }
        check(pull(), None, &["repository:a/b:pull"]);
        check(pull(), Some(""), &["repository:a/b:pull"]);
        let push = || Scope::of("a/b", Rights::PUSH);
        check(push(), Some("repository:a/b:pull"), &["repository:a/b:pull", "repository:a/b:pull,push"]);
        let mount = "repository:a/b:pull,push";
        check(push().with_source("c"), Some(mount), &[mount, "repository:c:pull"]);
        check(push().with_source("a/b"), None, &[mount]);
        check(Scope::of("a", Rights::DELETE), None, &["repository:a:delete"]);
        check(Scope::nothing(), None, &[]);
    }

    #[test]
    fn more_covers_less() {
        let of = |rights| Scope::of("a", rights);
        assert!(of(Rights::PUSH).covers(&of(Rights::PULL)) && !of(Rights::PULL).covers(&of(Rights::PUSH)));
        assert!(of(Rights::ALL).covers(&of(Rights::DELETE)) && !of(Rights::PUSH).covers(&of(Rights::DELETE)));
        assert!(!of(Rights::ALL).covers(&Scope::of("b", Rights::PULL)));
        let mount = of(Rights::PUSH).with_source("b");
        assert!(mount.covers(&of(Rights::PULL)) && !of(Rights::ALL).covers(&mount));
        assert!(!mount.covers(&of(Rights::PUSH).with_source("c")));
    }
}
