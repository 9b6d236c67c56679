//! Which instruction made a layer, as far as the image's history tells.
//!
//! The history is a claim of the builder: it is shown as the layer's name and decides nothing. Values of build
//! arguments and of secret-looking assignments are never shown.

use crate::secret_names;
use crate::words::clipped;
use model::oci::ImageConfig;

/// A longer history is no builder's, and reading it once a finding would take too long.
pub(crate) const MOST_STEPS: usize = 2000;

/// The instruction of layer `number` (lowest first, from 0) of `count`; `None` unless the history has exactly one
/// entry a layer.
pub fn instruction(config: &ImageConfig, count: usize, number: u32) -> Option<String> {
    if config.history.len() > MOST_STEPS || config.instructions().count() != count {
        return None;
    }
    let text = &config.instructions().nth(number as usize)?.created_by;
    Some(clipped(&masked(&written(text)))).filter(|t| !t.is_empty())
}

/// An instruction of a Dockerfile as the history's are shown: on one line, clipped, secrets masked.
pub(crate) fn shown(text: &str) -> String {
    clipped(&masked(&one_line(text)))
}

/// A `RUN` of the history that was given build arguments.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Arguments<'a> {
    /// Names and values, in their order.
    pub(crate) pairs: Vec<(&'a str, &'a str)>,
    /// What was run, if it can be told from the values.
    command: Option<&'a str>,
}

/// An entry of the history as it would stand in a Dockerfile.
fn written(entry: &str) -> String {
    let entry = entry.trim();
    let entry = entry.strip_suffix("# buildkit").unwrap_or(entry).trim_end();
    if let Some(arguments) = arguments(entry) {
        return arguments.command.map_or("RUN".to_owned(), |c| format!("RUN {}", one_line(c)));
    }
    let (is_run, entry) = match entry.strip_prefix("RUN ") {
        Some(rest) => (true, rest),
        None => (false, entry),
    };
    match entry.strip_prefix("/bin/sh -c ") {
        Some(command) => match command.trim_start().strip_prefix("#(nop)") {
            Some(made) => one_line(made),
            None => format!("RUN {}", one_line(command)),
        },
        None if is_run => format!("RUN {}", one_line(entry)),
        None => one_line(entry),
    }
}

/// The build arguments of an entry that BuildKit or Docker wrote as `|n NAME=value … /bin/sh -c command`. Values with
/// blanks make it ambiguous; then more words are taken for values, never fewer.
pub(crate) fn arguments(entry: &str) -> Option<Arguments<'_>> {
    let entry = entry.trim();
    let entry = entry.strip_prefix("RUN ").unwrap_or(entry);
    let (count, rest) = entry.strip_prefix('|')?.split_once(' ')?;
    let count: usize = count.parse().ok()?;
    let (given, command) = match rest.split_once(" /bin/sh -c ") {
        Some((given, command)) => (given, Some(command)),
        None => (rest, None),
    };
    let pairs = given.split_whitespace().filter_map(|word| word.split_once('='));
    Some(Arguments { pairs: pairs.filter(|(name, _)| is_name(name)).take(count).collect(), command })
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Takes out what a command tells of secrets: the value of `SECRET_NAME=value`, the word after `--secret-name`, what
/// follows `Authorization:`, and the user in a URL.
fn masked(text: &str) -> String {
    let mut hide_next = false;
    let mut out: Vec<String> = Vec::new();
    for word in text.split(' ') {
        if hide_next {
            let scheme = ["bearer", "basic", "token"].contains(&word.to_ascii_lowercase().as_str());
            out.push(if scheme { word.to_owned() } else { "…".to_owned() });
            hide_next = scheme;
            continue;
        }
        let bare = word.trim_start_matches(['"', '\'']);
        hide_next = bare.eq_ignore_ascii_case("authorization:")
            || (bare.starts_with("--") && !bare.contains('=') && secret_names::is_secret(bare));
        out.push(masked_word(word));
    }
    out.join(" ")
}

fn masked_word(word: &str) -> String {
    if let Some((name, value)) = word.split_once('=')
        && !value.is_empty()
        && secret_names::is_secret(name)
    {
        return format!("{name}=…");
    }
    if let Some((scheme, rest)) = word.split_once("://")
        && let Some((_, host)) = rest.split_once('@')
    {
        return format!("{scheme}://…@{host}");
    }
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_builders_write() {
        for (entry, text) in [
            ("RUN /bin/sh -c apt-get update &&     rm x # buildkit", "RUN apt-get update && rm x"),
            ("/bin/sh -c make", "RUN make"),
            ("/bin/sh -c #(nop) COPY dir:abc in / ", "COPY dir:abc in /"),
            ("/bin/sh -c #(nop)  CMD [\"bash\"]", "CMD [\"bash\"]"),
            ("COPY . /app # buildkit", "COPY . /app"),
            ("RUN |2 A=1 TOKEN=hunter2 /bin/sh -c make A # buildkit", "RUN make A"),
            ("|1 A=b c /bin/sh -c make", "RUN make"),
            ("|1 A=secret /bin/ash -c make", "RUN"),
            ("", ""),
        ] {
            assert_eq!(written(entry), text, "{entry}");
        }
    }

    #[test]
    fn what_tells_secrets_is_masked() {
        for (text, shown) in [
            ("RUN DB_PASSWORD=hunter2 ./x --token=abc --jobs=4", "RUN DB_PASSWORD=… ./x --token=… --jobs=4"),
            ("RUN login --password hunter2 --user me", "RUN login --password … --user me"),
            ("RUN curl -H \"Authorization: Bearer abc\" https://x", "RUN curl -H \"Authorization: Bearer … https://x"),
            ("RUN git clone https://me:hunter2@example.com/x", "RUN git clone https://…@example.com/x"),
            ("RUN adduser --disabled-password x", "RUN adduser --disabled-password …"),
        ] {
            assert_eq!(masked(text), shown);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_entry_is_taken(entry in r"(RUN )?\|?[0-9]{0,3} ?(.|[A-Z]+=x| /bin/sh -c ){0,12}") {
            let text = masked(&written(&entry));
            proptest::prop_assert!(!text.contains('\n'));
        }
    }

    #[test]
    fn arguments_are_read() {
        let expected = Arguments { pairs: vec![("A", "1"), ("B", "x=y")], command: Some("make") };
        assert_eq!(arguments("|2 A=1 B=x=y /bin/sh -c make"), Some(expected));
        assert!(arguments("RUN /bin/sh -c a|b").is_none());
        assert!(arguments("|x A=1").is_none());
    }

    #[test]
    fn a_history_that_does_not_fit_names_nothing() {
        let raw =
            br#"{"history":[{"created_by":"RUN a"},{"created_by":"ENV x","empty_layer":true},{"created_by":"RUN b"}]}"#;
        let config = ImageConfig::parse(raw).unwrap();
        assert_eq!(instruction(&config, 2, 1).unwrap(), "RUN b");
        assert_eq!(instruction(&config, 3, 1), None);
        assert_eq!(instruction(&config, 2, 9), None);
    }
}
