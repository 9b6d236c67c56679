//! The three texts that say what a Java archive is: `MANIFEST.MF`, `pom.properties`, `pom.xml`.

/// What Maven calls an artifact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Coordinates {
    /// The group.
    pub(super) group: String,
    /// The artifact.
    pub(super) artifact: String,
    /// The version; empty if it is not said.
    pub(super) version: String,
}

/// The main attributes of a manifest
/// (<https://docs.oracle.com/en/java/javase/21/docs/specs/jar/jar.html#jar-manifest>).
#[derive(Clone, Debug, Default)]
pub(super) struct Manifest(Vec<(String, String)>);

impl Manifest {
    /// Reads the main section. A line that starts with a space continues the one before.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let mut lines: Vec<Vec<u8>> = Vec::new();
        for line in bytes.split(|b| matches!(b, b'\n' | b'\r')).filter(|l| !l.is_empty()) {
            match (line.strip_prefix(b" "), lines.last_mut()) {
                (Some(rest), Some(last)) => last.extend_from_slice(rest),
                _ => lines.push(line.to_vec()),
            }
        }
        let split = |line: Vec<u8>| {
            let line = String::from_utf8(line).ok()?;
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        };
        Self(lines.into_iter().filter_map(split).collect())
    }

    /// The attribute of this name (in lower case), if it has a value without control characters.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())?;
        Some(found).filter(|v| !v.is_empty() && v.len() <= 4096 && !v.contains(char::is_control))
    }

    /// Whether it can be the manifest of an archive of this version: shading leaves the manifest of whatever
    /// came first, so a manifest that states other versions only is somebody else's.
    pub(super) fn fits(&self, version: &str) -> bool {
        let dots = |v: &str| v.replace(['-', '_'], ".");
        let ours = dots(version);
        let names = ["implementation-version", "bundle-version"];
        let mut stated = names.iter().filter_map(|n| self.get(n)).map(dots).peekable();
        stated.peek().is_none() || stated.any(|theirs| theirs.starts_with(&ours) || ours.starts_with(&theirs))
    }

    /// The attribute without the directives behind it: `a.b` of `a.b;singleton:=true`.
    pub(super) fn word(&self, name: &str) -> Option<&str> {
        self.get(name)?.split(';').next().map(str::trim).filter(|w| is_word(w))
    }
}

/// Something that can be a group, an artifact or a version: no blanks, no placeholder that was never filled.
pub(super) fn is_word(text: &str) -> bool {
    let plain = |c: char| !c.is_control() && !c.is_whitespace() && !matches!(c, '$' | '{' | '}' | '/' | '\\' | '@');
    !text.is_empty() && text.len() <= 256 && text.chars().all(plain)
}

/// `META-INF/maven/GROUP/ARTIFACT/…`: the path alone says both.
pub(super) fn coordinates_of_path(member: &str) -> Option<(&str, &str)> {
    let mut parts = member.strip_prefix(super::walk::MAVEN)?.split('/');
    let (group, artifact, _, end) = (parts.next()?, parts.next()?, parts.next()?, parts.next());
    (end.is_none() && is_word(group) && is_word(artifact)).then_some((group, artifact))
}

/// `pom.properties` at `member`, a file of Java properties.
pub(super) fn properties(member: &str, bytes: &[u8]) -> Option<Coordinates> {
    let text = String::from_utf8_lossy(bytes);
    let value = |key: &str| {
        let line =
            text.lines().find_map(|l| l.trim_start().strip_prefix(key)?.trim_start().strip_prefix(['=', ':']))?;
        Some(line.trim().replace('\\', "")).filter(|v| is_word(v))
    };
    let path = coordinates_of_path(member);
    Some(Coordinates {
        group: value("groupId").or_else(|| path.map(|p| p.0.to_owned()))?,
        artifact: value("artifactId").or_else(|| path.map(|p| p.1.to_owned()))?,
        version: value("version").unwrap_or_default(),
    })
}

/// `pom.xml` at `member`: its own version, else its parent's. Placeholders (`${revision}`) are no version.
pub(super) fn pom(member: &str, bytes: &[u8]) -> Option<Coordinates> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (mut group, mut artifact, mut version) = (None, None, None);
    let (mut parent_group, mut parent_version) = (None, None);
    elements(text, |path, value| {
        let slot = match path {
            ["project", "groupId"] => &mut group,
            ["project", "artifactId"] => &mut artifact,
            ["project", "version"] => &mut version,
            ["project", "parent", "groupId"] => &mut parent_group,
            ["project", "parent", "version"] => &mut parent_version,
            _ => return,
        };
        slot.get_or_insert_with(|| value.to_owned());
    });
    let word = |text: Option<String>| text.filter(|t| is_word(t));
    let path = coordinates_of_path(member);
    let stated_version = version.is_some();
    Some(Coordinates {
        group: word(group).or(word(parent_group)).or_else(|| path.map(|p| p.0.to_owned()))?,
        artifact: word(artifact).or_else(|| path.map(|p| p.1.to_owned()))?,
        version: word(version).or_else(|| word(parent_version).filter(|_| !stated_version)).unwrap_or_default(),
    })
}

/// Calls `see` with the path of each element, four deep at most, and the text in it. Total over any text: what
/// is no XML gives fewer elements.
fn elements<'t>(text: &'t str, mut see: impl FnMut(&[&'t str], &'t str)) {
    let mut path: Vec<&str> = Vec::new();
    let mut depth = 0_usize;
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        let end = match rest.strip_prefix("<!--") {
            Some(_) => rest.find("-->").map(|at| at + 3),
            None if rest.starts_with("<![CDATA[") => rest.find("]]>").map(|at| at + 3),
            None => rest.find('>').map(|at| at + 1),
        };
        let Some(end) = end else { return };
        let tag = &rest[1..end - 1];
        rest = &rest[end..];
        if tag.starts_with(['!', '?']) {
            continue;
        }
        if tag.starts_with('/') {
            depth = depth.saturating_sub(1);
            path.truncate(depth);
        } else if !tag.ends_with('/') {
            depth += 1;
            if depth <= 4 {
                path.push(tag.split(char::is_whitespace).next().unwrap_or_default());
                see(&path, rest.split('<').next().unwrap_or_default().trim());
            }
        }
    }
}
