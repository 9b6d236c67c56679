use super::*;
use crate::fixture::{gzip, tar};

fn write(content: &[u8]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), content).unwrap();
    file
}

fn open(content: &[u8]) -> Result<Archive, TransportError> {
    Archive::open(write(content).path())
}

fn content(archive: &Archive, name: &str) -> String {
    match archive.open_member(name) {
        Ok((mut section, _)) => {
            let mut text = String::new();
            section.read_to_string(&mut text).unwrap();
            text
        }
        Err(e) => format!("{e:?}").split([' ', '{']).next().unwrap().to_owned(),
    }
}

/// A link as a raw entry: the tar crate's writer refuses some of these.
fn link(name: &str, kind: tar::EntryType, to: &str) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.as_old_mut().linkname[..to.len()].copy_from_slice(to.as_bytes());
    header.set_entry_type(kind);
    header.set_size(0);
    header.set_cksum();
    header.as_bytes().to_vec()
}

/// `parts` in one archive: the end blocks of all but the last are cut off.
fn joined(parts: &[Vec<u8>]) -> Vec<u8> {
    let (last, first) = parts.split_last().unwrap();
    let cut = |part: &Vec<u8>| part[..part.len() - if part.len() > 1024 { 1024 } else { 0 }].to_vec();
    first.iter().map(cut).chain([last.clone()]).flatten().collect()
}

#[test]
fn members_are_sections_however_they_are_named() {
    let long = format!("{}/x", "deep/".repeat(60));
    let plain = tar(&[("./a", b"one"), ("b/c", b"two"), (&long, b"three"), ("empty", b"")]);
    for packed in [plain.clone(), gzip(&plain), zstd::encode_all(plain.as_slice(), 1).unwrap()] {
        let archive = open(&packed).unwrap();
        assert_eq!(content(&archive, "a"), "one");
        assert_eq!(content(&archive, "./b//c"), "two");
        assert_eq!(content(&archive, &long), "three");
        assert_eq!(content(&archive, "empty"), "");
        assert_eq!(content(&archive, "b"), "Missing");
        assert_eq!(content(&archive, "../a"), "Escapes");
    }
}

#[test]
fn several_gzip_members_and_zstd_frames_are_one_stream() {
    let plain = tar(&[("a", b"one"), ("b", b"two")]);
    let (left, right) = plain.split_at(700);
    assert_eq!(content(&open(&[gzip(left), gzip(right)].concat()).unwrap(), "b"), "two");
    let frames = [zstd::encode_all(left, 1).unwrap(), zstd::encode_all(right, 1).unwrap()].concat();
    assert_eq!(content(&open(&frames).unwrap(), "b"), "two");
}

#[test]
fn links_are_followed_within_the_archive() {
    use tar::EntryType::{Link, Symlink};
    let archive = open(&joined(&[
        link("id2/layer.tar", Symlink, "../id1/layer.tar"),
        link("absolute", Symlink, "/id1/layer.tar"),
        link("hard", Link, "id1/layer.tar"),
        link("out", Symlink, "../../etc/passwd"),
        link("loop", Symlink, "pool"),
        link("pool", Symlink, "loop"),
        link("folder/", tar::EntryType::Directory, ""),
        tar(&[("id1/layer.tar", b"layer")]),
    ]))
    .unwrap();
    for name in ["id1/layer.tar", "id2/layer.tar", "absolute", "hard"] {
        assert_eq!(content(&archive, name), "layer", "{name}");
    }
    assert_eq!(content(&archive, "out"), "NotAFile");
    assert_eq!(content(&archive, "loop"), "Escapes");
    assert_eq!(content(&archive, "folder"), "NotAFile");
}

#[test]
fn a_doubled_name_is_known() {
    let archive = open(&tar(&[("index.json", b"1"), ("a", b""), ("./index.json", b"2")])).unwrap();
    assert!(matches!(archive.expect_single("index.json"), Err(TransportError::Doubled { .. })));
    assert!(archive.expect_single("a").is_ok());
}

#[test]
fn pax_says_path_and_size() {
    let mut builder = tar::Builder::new(Vec::new());
    let long = "p".repeat(300);
    let records: [(&str, &[u8]); 3] =
        [("path", long.as_bytes()), ("size", b"3"), ("SCHILY.xattr.security.capability", b"a\nb\0")];
    builder.append_pax_extensions(records).unwrap();
    let mut header = tar::Header::new_ustar();
    header.set_path("short").unwrap();
    header.set_size(3);
    header.set_cksum();
    let mut raw = header;
    raw.set_size(0);
    raw.set_cksum();
    let mut bytes = builder.get_ref().clone();
    bytes.extend_from_slice(raw.as_bytes());
    bytes.extend_from_slice(b"abc");
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes.extend(tar(&[("next", b"n")]));
    let archive = open(&bytes).unwrap();
    assert_eq!(content(&archive, &long), "abc");
    assert_eq!(content(&archive, "next"), "n");
}

#[track_caller]
fn check_bad(bytes: &[u8], expected: &str) {
    let error = open(bytes).err().expect("an error");
    let text = match error {
        TransportError::BadArchive { why, offset, .. } => format!("{why} at {offset}"),
        TransportError::Limit { name, at, .. } => format!("more than {at} {name}"),
        other => format!("{other:?}"),
    };
    assert_eq!(text, expected);
}

#[test]
fn broken_archives_are_refused() {
    let good = tar(&[("a", &[7; 600])]);
    check_bad(b"", "it ends in the middle of a header at 0");
    check_bad(&good[..100], "it ends in the middle of a header at 0");
    check_bad(&good[..1000], "a member that is longer than the archive at 512");
    check_bad(&[b'x'; 2048], "a header whose checksum is wrong at 0");
    check_bad(b"BZh9 and so on", "it is compressed with bzip2 and must be unpacked first at 0");
    check_bad(&link("a", tar::EntryType::GNUSparse, ""), "a sparse member at 512");
    let mut huge = link("a", tar::EntryType::Regular, "");
    let mut header = tar::Header::new_gnu();
    header.as_mut_bytes().copy_from_slice(&huge);
    header.set_size(u64::MAX / 2);
    header.set_cksum();
    huge = header.as_bytes().to_vec();
    check_bad(&[huge, vec![0; 1024]].concat(), "a member that is longer than the archive at 512");
}

#[test]
fn an_archive_without_end_blocks_is_whole() {
    let good = tar(&[("a", b"one")]);
    assert_eq!(content(&open(&good[..good.len() - 1024]).unwrap(), "a"), "one");
    assert_eq!(content(&open(&good[..512 + 3]).unwrap(), "a"), "one");
}

#[test]
fn a_long_extended_header_is_not_read() {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::XHeader);
    header.set_size(EXTENSION_LIMIT + 1);
    header.set_cksum();
    let bytes = [header.as_bytes().to_vec(), vec![0; EXTENSION_LIMIT as usize + 4096]].concat();
    check_bad(&bytes, "more than 1048576 bytes in an extended header");
}

#[test]
fn members_are_limited() {
    let block = link("a", tar::EntryType::Directory, "");
    let mut bytes = Vec::new();
    for n in 0..=MEMBERS_LIMIT {
        let mut header = tar::Header::new_gnu();
        header.as_mut_bytes().copy_from_slice(&block);
        header.set_path(format!("d{n}")).unwrap();
        header.set_cksum();
        bytes.extend_from_slice(header.as_bytes());
    }
    check_bad(&bytes, "more than 65536 members in an archive");
}

#[test]
fn unpacking_stops_at_the_quota() {
    let file = write(&gzip(&tar(&[("zeros", &vec![0; 100_000])])));
    let error = Archive::open_within(file.path(), 50_000).err().expect("an error");
    assert!(matches!(error, TransportError::Limit { at: 50_000, .. }), "{error}");
    assert!(Archive::open_within(file.path(), 200_000).is_ok());
}

#[test]
fn a_damaged_gzip_is_an_error() {
    let packed = gzip(&tar(&[("a", &[1; 5000])]));
    assert!(matches!(open(&packed[..packed.len() - 4]), Err(TransportError::File { .. })));
}

#[test]
fn a_pipe_does_not_hang() {
    let dir = tempfile::tempdir().unwrap();
    crate::fixture::fifo(&dir.path().join("pipe"));
    assert!(matches!(Archive::open(&dir.path().join("pipe")), Err(TransportError::File { .. })));
}

/// Every byte of every header, turned into something else under a checksum that is right again.
#[test]
fn no_header_panics_or_hangs() {
    let long = "n".repeat(150);
    let good = tar(&[("a", &[7; 600]), (&long, b"x")]);
    let file = write(&good);
    let handle = File::options().write(true).open(file.path()).unwrap();
    let mut opened = 0;
    for at in 0..good.len() - 1024 {
        for value in [0, 0xff, 0x80, b'9', b'x', b'L'] {
            let mut bad = good.clone();
            bad[at] = value;
            let block = at / 512 * 512;
            let header: &[u8; 512] = bad[block..block + 512].try_into().unwrap();
            let sum = format!("{:06o}\0 ", checksum(header));
            bad[block + 148..block + 156].copy_from_slice(sum.as_bytes());
            handle.write_all_at(&bad, 0).unwrap();
            opened += usize::from(Archive::open(file.path()).is_ok());
        }
    }
    assert!(opened > 0, "harmless changes are harmless");
}
