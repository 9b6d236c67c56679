//! The instructions that BuildKit knows.

/// Which instruction it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "they are the words themselves")]
pub enum Keyword {
    Add,
    Arg,
    Cmd,
    Copy,
    Entrypoint,
    Env,
    Expose,
    From,
    Healthcheck,
    Label,
    Maintainer,
    Onbuild,
    Run,
    Shell,
    StopSignal,
    User,
    Volume,
    Workdir,
    /// None that BuildKit knows.
    Unknown,
}

const WORDS: [(&str, Keyword); 18] = [
    ("ADD", Keyword::Add),
    ("ARG", Keyword::Arg),
    ("CMD", Keyword::Cmd),
    ("COPY", Keyword::Copy),
    ("ENTRYPOINT", Keyword::Entrypoint),
    ("ENV", Keyword::Env),
    ("EXPOSE", Keyword::Expose),
    ("FROM", Keyword::From),
    ("HEALTHCHECK", Keyword::Healthcheck),
    ("LABEL", Keyword::Label),
    ("MAINTAINER", Keyword::Maintainer),
    ("ONBUILD", Keyword::Onbuild),
    ("RUN", Keyword::Run),
    ("SHELL", Keyword::Shell),
    ("STOPSIGNAL", Keyword::StopSignal),
    ("USER", Keyword::User),
    ("VOLUME", Keyword::Volume),
    ("WORKDIR", Keyword::Workdir),
];

impl Keyword {
    /// The instruction with this keyword, in any case.
    pub fn of(word: &str) -> Self {
        WORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map_or(Self::Unknown, |(_, keyword)| *keyword)
    }

    /// The keyword in upper case; empty for one that is not known.
    pub fn word(self) -> &'static str {
        WORDS.iter().find(|(_, keyword)| *keyword == self).map_or("", |(word, _)| word)
    }

    /// The known keyword that is nearest to a misspelt one.
    pub(super) fn nearest(word: &str) -> Option<&'static str> {
        let word = word.to_ascii_uppercase();
        let near = WORDS.iter().map(|(known, _)| (distance(known, &word), *known)).min()?;
        (near.0 <= 2 && word.len() > 2).then_some(near.1)
    }
}

/// How many letters to add, drop or change; words far apart in length are as far apart.
pub fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().take(64).collect(), other.chars().take(64).collect());
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let change = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_case_and_near_misses() {
        assert_eq!(Keyword::of("fRoM"), Keyword::From);
        assert_eq!(Keyword::of("FORM"), Keyword::Unknown);
        assert_eq!(Keyword::nearest("entrypiont"), Some("ENTRYPOINT"));
        assert_eq!(Keyword::nearest("&&"), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
