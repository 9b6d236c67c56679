use super::*;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

/// The stream of the tree at `dir`, and what was noticed.
fn stream(dir: &Path) -> (Vec<u8>, Vec<Unknown>) {
    let image = open(dir, &Platform::linux("amd64"), "dir:x").unwrap();
    let mut bytes = Vec::new();
    image.bytes.open(0).unwrap().read_to_end(&mut bytes).unwrap();
    (bytes, image.bytes.noticed())
}

/// One line an entry, as the tar crate reads it back.
fn listing(bytes: &[u8]) -> Vec<String> {
    let mut lines = Vec::new();
    for entry in tar::Archive::new(bytes).entries().unwrap() {
        let mut entry = entry.unwrap();
        let mut text = String::new();
        let header = entry.header().clone();
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let link = entry.link_name_bytes().map(|l| String::from_utf8_lossy(&l).into_owned());
        entry.read_to_string(&mut text).unwrap();
        let kind = header.entry_type().as_byte() as char;
        let mode = header.mode().unwrap();
        let link = link.map(|l| format!(" -> {l}")).unwrap_or_default();
        lines.push(format!("{kind} {mode:o} {path}{link} {text}").trim_end().to_owned());
    }
    lines
}

/// Whatever the umask is.
fn write(path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
    fs::write(&path, content).unwrap();
    mode(path.as_ref(), 0o644);
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_tree_reads_back_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    for (name, content) in [("b", "bee"), ("a.txt", "ay"), ("empty", ""), ("d/inner", "in")] {
        fs::create_dir_all(at(name).parent().unwrap()).unwrap();
        write(at(name), content);
    }
    mode(&at("d"), 0o755);
    mode(&at("b"), 0o4755);
    fs::hard_link(at("a.txt"), at("z")).unwrap();
    symlink("/etc/passwd", at("out")).unwrap();
    symlink("..", at("d/up")).unwrap();
    crate::fixture::fifo(&at("pipe"));
    std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
    let (bytes, noticed) = stream(dir.path());
    assert_eq!(noticed, []);
    assert_eq!(
        listing(&bytes),
        [
            "0 644 a.txt ay",
            "0 4755 b bee",
            "5 755 d/",
            "0 644 d/inner in",
            "2 777 d/up -> ..",
            "0 644 empty",
            "2 777 out -> /etc/passwd",
            "6 600 pipe",
            "1 644 z -> a.txt",
        ]
    );
    assert_eq!(stream(dir.path()).0, bytes, "the same tree gives the same stream");
}

#[test]
fn long_and_odd_names_come_through() {
    let dir = tempfile::tempdir().unwrap();
    let deep = dir.path().join("d".repeat(120)).join("e".repeat(120));
    fs::create_dir_all(&deep).unwrap();
    write(deep.join("f"), "x");
    symlink("t".repeat(200), dir.path().join("link")).unwrap();
    write(dir.path().join(OsStr::from_bytes(b"new\nline\xff")), "y");
    let (bytes, noticed) = stream(dir.path());
    assert_eq!(noticed, []);
    let lines = listing(&bytes);
    assert!(lines.contains(&format!("0 644 {}/{}/f x", "d".repeat(120), "e".repeat(120))), "{lines:?}");
    assert!(lines.contains(&format!("2 777 link -> {}", "t".repeat(200))), "{lines:?}");
    assert!(lines.contains(&"0 644 new\nline\u{fffd} y".to_owned()), "{lines:?}");
}

#[test]
fn sizes_around_a_block_are_padded() {
    let dir = tempfile::tempdir().unwrap();
    let sizes = [0, 1, 511, 512, 513, 100_000];
    for size in sizes {
        write(dir.path().join(format!("{size:06}")), "x".repeat(size));
    }
    let (bytes, _) = stream(dir.path());
    assert_eq!(bytes.len() % 512, 0);
    let found: Vec<usize> = listing(&bytes).iter().map(|l| l.bytes().filter(|&b| b == b'x').count()).collect();
    assert_eq!(found, sizes);
}

#[test]
fn one_byte_at_a_time_is_the_same_stream() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path().join("a"), "content");
    let image = open(dir.path(), &Platform::linux("amd64"), "dir:x").unwrap();
    let (mut stream_of_one, mut all, mut one) = (image.bytes.open(0).unwrap(), Vec::new(), [0]);
    while stream_of_one.read(&mut one).unwrap() == 1 {
        all.push(one[0]);
    }
    assert_eq!(all, stream(dir.path()).0);
}

#[test]
fn a_file_that_shrinks_is_padded_and_noticed() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path().join("a"), vec![b'a'; 1 << 20]);
    write(dir.path().join("b"), "bee");
    let image = open(dir.path(), &Platform::linux("amd64"), "dir:x").unwrap();
    let mut stream = image.bytes.open(0).unwrap();
    let mut bytes = vec![0; 1000];
    stream.read_exact(&mut bytes).unwrap();
    File::options().write(true).open(dir.path().join("a")).unwrap().set_len(600).unwrap();
    stream.read_to_end(&mut bytes).unwrap();
    let lines = listing(&bytes);
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[1], "0 644 b bee");
    let noticed = image.bytes.noticed();
    assert_eq!(noticed.len(), 1);
    assert_eq!(noticed[0].to_string(), "unreadable: the file became shorter while it was read in /a");
}

#[test]
fn a_file_that_grows_is_cut() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path().join("a"), "short");
    let image = open(dir.path(), &Platform::linux("amd64"), "dir:x").unwrap();
    let mut stream = image.bytes.open(0).unwrap();
    let mut bytes = vec![0; 512];
    stream.read_exact(&mut bytes).unwrap();
    write(dir.path().join("a"), "short and then some");
    stream.read_to_end(&mut bytes).unwrap();
    assert_eq!(listing(&bytes), ["0 644 a short"]);
}

#[test]
fn another_file_in_its_place_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a");
    write(&path, "one");
    let expected = path.symlink_metadata().unwrap();
    write(dir.path().join("other"), "two");
    fs::rename(dir.path().join("other"), &path).unwrap();
    assert!(open_same(&path, &expected).is_err());
    fs::remove_file(&path).unwrap();
    symlink("/etc/passwd", &path).unwrap();
    assert!(open_same(&path, &expected).is_err());
}

#[test]
fn what_is_noticed_is_bounded_and_told_once() {
    let noticed = Noticed::default();
    for n in 0..NOTICED_LIMIT * 2 {
        noticed.unreadable(format!("f{n}").as_bytes(), &io::Error::from_raw_os_error(13));
        noticed.unreadable(b"f0", &io::Error::from_raw_os_error(13));
    }
    let list = noticed.list();
    assert_eq!(list.len(), NOTICED_LIMIT + 1);
    assert_eq!(list.iter().filter(|u| u.kind == UnknownKind::Limit).count(), 1);
    assert!(list.iter().all(|u| u.kind.blocks()));
}

#[test]
fn an_unreadable_file_has_no_bytes_and_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path().join("a"), "secret");
    write(dir.path().join("b"), "bee");
    let noticed = Arc::new(Noticed::default());
    let mut tar = TreeTar::new(dir.path().to_owned(), Arc::clone(&noticed)).unwrap();
    let (path, metadata) = tar.walk.next().unwrap();
    // The superuser reads everything, so the file is taken away instead.
    fs::remove_file(dir.path().join("a")).unwrap();
    tar.regular(path, &metadata).unwrap();
    let mut bytes = Vec::new();
    tar.read_to_end(&mut bytes).unwrap();
    assert_eq!(listing(&bytes), ["0 644 a", "0 644 b bee"]);
    assert_eq!(noticed.list().iter().map(|u| u.kind).collect::<Vec<_>>(), [UnknownKind::Unreadable]);
}

#[test]
fn a_file_is_no_tree_and_there_is_one_layer() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path().join("a"), "");
    let amd64 = Platform::linux("amd64");
    assert!(matches!(open(&dir.path().join("a"), &amd64, "dir:x"), Err(TransportError::File { .. })));
    assert!(matches!(open(&dir.path().join("none"), &amd64, "dir:x"), Err(TransportError::File { .. })));
    assert!(open(dir.path(), &amd64, "dir:x").unwrap().bytes.open(1).is_err());
}

/// A live root: what is mounted there by the kernel is listed as the folder it is mounted on.
#[cfg(target_os = "linux")]
#[test]
fn what_the_kernel_makes_up_is_told_from_files() {
    let dir = tempfile::tempdir().unwrap();
    assert!(!super::is_kernel_made(dir.path()));
    assert!(super::is_kernel_made(Path::new("/proc")));
}

/// The folder `/proc` of this machine as the only one of a walk from `/`: listed, said, not entered.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_is_not_entered_is_said() {
    let noticed = Arc::new(Noticed::default());
    let root = PathBuf::from("/");
    let device = root.metadata().unwrap().dev();
    let folder = Folder { path: Vec::new(), device, names: vec![OsString::from("proc")].into_iter() };
    let mut walk = Walk { root, noticed: Arc::clone(&noticed), folders: vec![folder] };
    assert_eq!(walk.next().map(|(path, _)| path), Some(b"proc".to_vec()));
    assert!(walk.next().is_none());
    let list = noticed.list();
    assert_eq!(list.iter().map(|u| (u.kind, u.kind.blocks())).collect::<Vec<_>>(), [(UnknownKind::NotEntered, false)]);
    assert_eq!(list[0].spot.path.as_ref().map(ToString::to_string).as_deref(), Some("/proc"));
}
