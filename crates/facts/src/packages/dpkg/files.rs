//! Which files a package has: dpkg's lists, and the places to which diversions move some of them.

use super::record::Record;
use crate::packages::Claim;
use crate::view::{File, View};
use model::TreePath;
use rustc_hash::FxHashMap;

/// Diversions: by the path that packages write, the path where their file is, and the package that keeps the name
/// (`:` if none does).
pub(super) type Diversions = FxHashMap<Vec<u8>, (Vec<u8>, Vec<u8>)>;

/// Reads `diversions` (dpkg-divert(1)): three lines each.
pub(super) fn diversions(view: &View<'_>, root: &TreePath) -> Diversions {
    let at = [root.as_bytes(), b"/diversions"].concat();
    let text = view.open(&at).and_then(|file| file.whole()).unwrap_or_default();
    let lines: Vec<&[u8]> = text.split(|&b| b == b'\n').collect();
    lines.chunks_exact(3).map(|three| (three[0].to_vec(), (three[1].to_vec(), three[2].to_vec()))).collect()
}

/// The file that lists the package's files: `info/NAME[:ARCH].list`, or a distroless image's `NAME.md5sums`.
pub(super) fn list<'v>(view: &'v View<'v>, root: &TreePath, record: &Record<'_>, file: &File<'_>) -> Option<File<'v>> {
    let name = record.name;
    let in_info = [format!("info/{name}:{}.list", record.architecture), format!("info/{name}.list")];
    let beside = [".list", ".md5sums"].map(|end| [file.path.as_bytes(), end.as_bytes()].concat());
    let here = |at: Vec<u8>| view.exact(&TreePath::clean(&at).ok()?).filter(|found| found.whole().is_some());
    if file.path.file_name() == b"status" {
        let found = in_info.iter().find_map(|at| here([root.as_bytes(), b"/", at.as_bytes()].concat()));
        return found;
    }
    beside.into_iter().find_map(here)
}

/// The package's files as dpkg writes them, its record in a file of its own among them. A list names all files, sums
/// all but the configuration files, which the record itself names.
pub(super) fn claims(
    list: Option<&File<'_>>,
    file: &File<'_>,
    record: &Record<'_>,
    diverted: &Diversions,
) -> Vec<Claim> {
    let mut claims = Vec::new();
    if file.path.file_name() != b"status" {
        claims.push(Claim::File(file.path.clone()));
    }
    claims.extend(list.map(|list| Claim::File(list.path.clone())));
    let text = list.and_then(|list| list.whole()).unwrap_or_default();
    let is_sums = list.is_some_and(|list| list.path.file_name().ends_with(b".md5sums"));
    let listed = lines(text).filter_map(|line| if is_sums { after_sum(line) } else { Some(line) });
    let conffiles = lines(if list.is_none() || is_sums { record.conffiles } else { b"" }).filter_map(before_sum);
    for written in listed.chain(conffiles).filter(|at| !matches!(*at, b"" | b"/" | b"/.")) {
        if claims.len() > super::CLAIMS {
            break;
        }
        let at = match diverted.get(written) {
            Some((to, by)) if by != record.name.as_bytes() => to,
            _ => written,
        };
        claims.extend(TreePath::clean(at).map(Claim::File));
    }
    claims
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&b| b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

/// `<32 hex digits>  usr/bin/x`
fn after_sum(line: &[u8]) -> Option<&[u8]> {
    let at = line.iter().position(|b| b.is_ascii_whitespace())?;
    Some(line[at..].trim_ascii_start())
}

/// ` /etc/x <32 hex digits>`, perhaps with words behind it; a path may hold blanks.
fn before_sum(line: &[u8]) -> Option<&[u8]> {
    let is_sum = |word: &[u8]| word.len() == 32 && word.iter().all(u8::is_ascii_hexdigit);
    let line = line.trim_ascii();
    let blanks = line.iter().enumerate().filter(|(_, b)| **b == b' ').map(|(at, _)| at);
    let mut ends = blanks.filter(|&at| line[at + 1..].split(|&b| b == b' ').next().is_some_and(is_sum));
    ends.next_back().map(|at| line[..at].trim_ascii_end())
}

#[cfg(test)]
mod tests {
    use super::super::READER;
    use super::super::tests::{STATUS, find, record};
    use crate::testing::read;

    #[test]
    fn conffiles_are_owned_where_no_list_names_them() {
        let text = record(
            "a",
            "Conffiles:\n /etc/a b 0123456789abcdef0123456789abcdef\n /etc/c 0123456789abcdef0123456789abcdef obsolete\n /etc/no sum\n",
        );
        let sums = b"0123456789abcdef0123456789abcdef  usr/bin/a\n".as_slice();
        let owns = |files: &[(&str, &[u8])]| format!("{:?}", read(&READER, files).found[0].owns);
        let at = "var/lib/dpkg/status.d/a";
        assert_eq!(
            owns(&[(at, text.as_bytes()), ("var/lib/dpkg/status.d/a.md5sums", sums)]),
            "[File(/var/lib/dpkg/status.d/a), File(/var/lib/dpkg/status.d/a.md5sums), File(/usr/bin/a), File(/etc/a b), File(/etc/c)]"
        );
        assert_eq!(owns(&[(STATUS, text.as_bytes())]), "[File(/etc/a b), File(/etc/c)]");
        let list = b"/usr/bin/a\n".as_slice();
        assert_eq!(
            owns(&[(STATUS, text.as_bytes()), ("var/lib/dpkg/info/a.list", list)]),
            "[File(/var/lib/dpkg/info/a.list), File(/usr/bin/a)]"
        );
    }

    #[test]
    fn diverted_files() {
        let status = record("coreutils", "") + &record("own", "");
        let reading = read(
            &READER,
            &[
                (STATUS, status.as_bytes()),
                ("var/lib/dpkg/diversions", b"/bin/ls\n/bin/ls.real\nown\n"),
                ("var/lib/dpkg/info/coreutils.list", b"/bin/ls\n/bin/cp\n"),
                ("var/lib/dpkg/info/own.list", b"/bin/ls\n"),
            ],
        );
        let owns =
            |name: &str| find(&reading, name).owns.iter().map(|c| format!("{c:?}")).collect::<Vec<_>>().join(" ");
        assert_eq!(owns("coreutils"), "File(/var/lib/dpkg/info/coreutils.list) File(/bin/ls.real) File(/bin/cp)");
        assert_eq!(owns("own"), "File(/var/lib/dpkg/info/own.list) File(/bin/ls)");
    }
}
