//! Databases made by hand: both byte orders of Berkeley DB, every format with its damages.

use super::RPM;
use super::header::tag;
use super::ndb::adler32;
use super::wal::checksum;
use crate::testing::{read, summary};
use proptest::prelude::*;

const STRING: u32 = 6;
const ARRAY: u32 = 8;
const INT32: u32 = 4;

/// A header of these tags: number, type, count, values.
fn header(tags: &[(u32, u32, u32, &[u8])]) -> Vec<u8> {
    let (mut index, mut store) = (Vec::new(), Vec::new());
    for (tag, kind, count, value) in tags {
        for word in [*tag, *kind, store.len() as u32, *count] {
            index.extend(word.to_be_bytes());
        }
        store.extend_from_slice(value);
    }
    [&(tags.len() as u32).to_be_bytes(), &(store.len() as u32).to_be_bytes(), index.as_slice(), &store].concat()
}

/// A plain package.
fn package(name: &[u8]) -> Vec<u8> {
    let name = [name, b"\0"].concat();
    header(&[(tag::NAME, STRING, 1, &name), (tag::VERSION, STRING, 1, b"1\0"), (tag::RELEASE, STRING, 1, b"2\0")])
}

/// An ndb database of these blobs.
fn ndb(blobs: &[Vec<u8>]) -> Vec<u8> {
    let mut file = vec![0; 4096];
    file[..4].copy_from_slice(b"RpmP");
    file[12] = 1;
    for slot in (32..4096).step_by(16) {
        file[slot..slot + 4].copy_from_slice(b"Slot");
    }
    for (i, blob) in blobs.iter().enumerate() {
        let start = file.len();
        let blocks = (blob.len() + 28).div_ceil(16);
        let words = [i as u32 + 1, (start / 16) as u32, blocks as u32];
        let slot = 32 + 16 * i;
        file[slot + 4..slot + 16].copy_from_slice(&words.map(u32::to_le_bytes).concat());
        file.extend_from_slice(b"BlbS");
        file.extend([i as u32 + 1, 7, blob.len() as u32].map(u32::to_le_bytes).concat());
        file.extend_from_slice(blob);
        file.resize(start + blocks * 16 - 12, 0);
        let sum = adler32(&file[start..]);
        file.extend([sum, blob.len() as u32].map(u32::to_le_bytes).concat());
        file.extend_from_slice(b"BlbE");
    }
    file
}

/// A Berkeley DB hash table with pages of 512 bytes: one bucket, each value in an overflow chain.
fn bdb(blobs: &[Vec<u8>], big: bool) -> Vec<u8> {
    let u32_ = |n: u32| if big { n.to_be_bytes() } else { n.to_le_bytes() };
    let u16_ = |n: u16| if big { n.to_be_bytes() } else { n.to_le_bytes() };
    let mut pages = vec![vec![0u8; 512], vec![0u8; 512]];
    pages[0][12..16].copy_from_slice(&u32_(0x61561));
    pages[0][16..20].copy_from_slice(&u32_(9));
    pages[0][20..24].copy_from_slice(&u32_(512));
    pages[0][25] = 8;
    let mut items = vec![vec![1, 0, 0, 0, 0], vec![1, 9, 0, 0, 0]];
    for (i, blob) in blobs.iter().enumerate() {
        items.push([&[1], u32_(i as u32 + 1).as_slice()].concat());
        items.push([&[3, 0, 0, 0], u32_(pages.len() as u32).as_slice(), &u32_(blob.len() as u32)].concat());
        let chunks = blob.chunks(512 - 26);
        let last = chunks.len() - 1;
        for (k, chunk) in chunks.enumerate() {
            let mut page = vec![0u8; 512];
            let next = if k == last { 0 } else { pages.len() as u32 + 1 };
            page[16..20].copy_from_slice(&u32_(next));
            page[22..24].copy_from_slice(&u16_(chunk.len() as u16));
            page[25] = 7;
            page[26..26 + chunk.len()].copy_from_slice(chunk);
            pages.push(page);
        }
    }
    let mut end = 512;
    pages[1][20..22].copy_from_slice(&u16_(items.len() as u16));
    pages[1][25] = 13;
    for (i, item) in items.iter().enumerate() {
        end -= item.len();
        pages[1][end..end + item.len()].copy_from_slice(item);
        pages[1][26 + 2 * i..28 + 2 * i].copy_from_slice(&u16_(end as u16));
    }
    let last = pages.len() as u32 - 1;
    pages[0][32..36].copy_from_slice(&u32_(last));
    pages.concat()
}

fn varint(n: usize) -> Vec<u8> {
    if n < 128 { vec![n as u8] } else { [vec![0x80 | (n >> 7) as u8], vec![(n & 0x7f) as u8]].concat() }
}

/// A record: serial types, then values.
fn record(columns: &[(usize, &[u8])]) -> Vec<u8> {
    let types: Vec<u8> = columns.iter().flat_map(|(serial, _)| varint(*serial)).collect();
    let values: Vec<u8> = columns.iter().flat_map(|(_, value)| value.iter().copied()).collect();
    [varint(types.len() + 1), types, values].concat()
}

/// A leaf page of 1024 bytes with these records.
fn leaf(records: &[Vec<u8>], head: usize) -> Vec<u8> {
    let mut page = vec![0u8; 1024];
    page[head] = 13;
    page[head + 4] = records.len() as u8;
    let mut end = 1024;
    for (i, record) in records.iter().enumerate() {
        let cell = [varint(record.len()), varint(i + 1), record.clone()].concat();
        end -= cell.len();
        page[end..end + cell.len()].copy_from_slice(&cell);
        page[head + 8 + 2 * i..head + 10 + 2 * i].copy_from_slice(&(end as u16).to_be_bytes());
    }
    page
}

/// An SQLite database with pages of 1024 bytes; `Packages` has its root on page 2.
fn sqlite(pages: &[Vec<u8>]) -> Vec<u8> {
    let schema = record(&[(23, b"table"), (29, b"Packages"), (29, b"Packages"), (1, b"\x02"), (13, b"")]);
    let mut first = leaf(&[schema], 100);
    first[..16].copy_from_slice(b"SQLite format 3\0");
    first[16..18].copy_from_slice(&1024u16.to_be_bytes());
    first[59] = 1;
    [first, pages.concat()].concat()
}

fn row(blob: &[u8]) -> Vec<u8> {
    record(&[(0, b""), (12 + 2 * blob.len(), blob)])
}

/// An inner page with these children.
fn inner(children: &[u32]) -> Vec<u8> {
    let mut page = vec![0u8; 1024];
    let (last, cells) = children.split_last().expect("a child");
    page[0] = 5;
    page[4] = cells.len() as u8;
    page[8..12].copy_from_slice(&last.to_be_bytes());
    for (i, child) in cells.iter().enumerate() {
        let at = 1000 - 8 * i;
        page[at..at + 4].copy_from_slice(&child.to_be_bytes());
        page[12 + 2 * i..14 + 2 * i].copy_from_slice(&(at as u16).to_be_bytes());
    }
    page
}

const SQLITE: &str = "var/lib/rpm/rpmdb.sqlite";
const NDB: &str = "var/lib/rpm/Packages.db";
const BDB: &str = "var/lib/rpm/Packages";

fn check(at: &str, file: &[u8], expected: &str) {
    assert_eq!(summary(&read(&RPM, &[(at, file)])), expected);
}

const A: &str = "pkg:rpm/a@1-2";

#[test]
fn reads_what_each_builder_makes() {
    let blobs = [package(b"a"), package(b"b")];
    let both = |at: &str| format!("{A} (/{at})\npkg:rpm/b@1-2 (/{at})");
    check(NDB, &ndb(&blobs), &both(NDB));
    check(BDB, &bdb(&blobs, false), &both(BDB));
    check(BDB, &bdb(&blobs, true), &both(BDB));
    let rows = blobs.each_ref().map(|b| row(b));
    check(SQLITE, &sqlite(&[leaf(&rows, 0)]), &both(SQLITE));
    check(SQLITE, &sqlite(&[inner(&[3, 4]), leaf(&rows[..1], 0), leaf(&rows[1..], 0)]), &both(SQLITE));
}

#[test]
fn puts_long_chains_together() {
    let files = [b"x".repeat(1400), vec![0]].concat();
    let long = header(&[
        (tag::VERSION, STRING, 1, b"1\0"),
        (tag::RELEASE, STRING, 1, b"2\0"),
        (tag::SUMMARY, STRING, 1, &files),
        (tag::NAME, STRING, 1, b"a\0"),
    ]);
    for big in [false, true] {
        check(BDB, &bdb(std::slice::from_ref(&long), big), &format!("{A} (/{BDB})"));
    }
}

#[test]
fn says_when_a_database_is_none() {
    for (at, why) in [
        (SQLITE, "it does not begin as an SQLite database"),
        (NDB, "it does not begin as an ndb database"),
        (BDB, "it is shorter than a Berkeley DB page"),
    ] {
        for garbage in [b"".as_slice(), b"not a db"] {
            check(
                at,
                garbage,
                &format!("? package-database: the rpm database cannot be read: {why} in /{at} at byte 0"),
            );
        }
    }
}

#[test]
fn trees_and_chains_cannot_turn() {
    let gap = |at: &str, why: &str| format!("? package-database: the rpm database cannot be read: {why} in /{at}");
    check(
        SQLITE,
        &sqlite(&[inner(&[2, 2])]),
        &format!("{0}\n{0}", gap(SQLITE, "page 2 is used twice at byte 1024"))
            .replace(" at byte 1024 in /var/lib/rpm/rpmdb.sqlite", " in /var/lib/rpm/rpmdb.sqlite at byte 1024"),
    );
    check(SQLITE, &sqlite(&[inner(&[900])]), &gap(SQLITE, "page 900 is missing"));
    let mut turning = bdb(&[vec![7; 1000]], false);
    // The chain is pages 2, 3, 4; let 4 lead back to 3.
    turning[4 * 512 + 16] = 3;
    check(BDB, &turning, &format!("{} at byte 512", gap(BDB, "an overflow chain turns or is shared")));
    // An overflow page of SQLite that leads to itself.
    let mut cell = [varint(2000), vec![1], record(&[(0, b""), (12 + 2 * 1990, b"")])].concat();
    cell.resize(1024 - 600, 7);
    let mut page = leaf(&[], 0);
    page[4] = 1;
    page[8..10].copy_from_slice(&600u16.to_be_bytes());
    page[600..].copy_from_slice(&cell);
    let turning = sqlite(&[page, [&2u32.to_be_bytes()[..], &[7; 1020]].concat()]);
    let found = summary(&read(&RPM, &[(SQLITE, &turning)]));
    assert!(found.contains("package-database") && !found.contains("pkg:"), "{found}");
}

#[test]
fn overlapping_rows_end_the_reading() {
    let record = row(&package(b"a"));
    let mut page = leaf(&[record], 0);
    page[4] = 200;
    let cell = [page[8], page[9]];
    for i in 0..200 {
        page[8 + 2 * i..10 + 2 * i].copy_from_slice(&cell);
    }
    let found = summary(&read(&RPM, &[(SQLITE, &sqlite(&[page]))]));
    assert!(found.contains("rows overlap") && found.contains(A), "{found}");
}

#[test]
fn a_wrong_checksum_hides_nothing_silently() {
    let mut file = ndb(&[package(b"a"), package(b"b")]);
    file[4096 + 40] ^= 1;
    let found = summary(&read(&RPM, &[(NDB, &file)]));
    let gap = "package-database: the rpm database cannot be read: a blob's checksum does not match";
    assert_eq!(found, format!("pkg:rpm/b@1-2 (/{NDB})\n? {gap} in /{NDB} at byte 4096"));
}

#[test]
fn a_cut_database_is_a_gap() {
    for (at, file) in [
        (NDB, ndb(&[package(b"a")])),
        (BDB, bdb(&[package(b"a")], false)),
        (SQLITE, sqlite(&[leaf(&[row(&package(b"a"))], 0)])),
    ] {
        let reading = read(&RPM, &[(at, &file[..file.len() - 16])]);
        assert!(reading.unknowns.iter().any(|u| u.kind.blocks()), "{at}: {}", summary(&reading));
    }
}

#[test]
fn a_hot_journal_is_a_gap() {
    let file = sqlite(&[leaf(&[row(&package(b"a"))], 0)]);
    let journal = [&[0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7][..], &[0; 600]].concat();
    let at = "var/lib/rpm/rpmdb.sqlite-journal";
    let found = summary(&read(&RPM, &[(SQLITE, &file), (at, &journal)]));
    assert!(found.contains(A) && found.contains("its journal lies beside it"), "{found}");
    let spent = vec![0; 600];
    assert_eq!(summary(&read(&RPM, &[(SQLITE, &file), (at, &spent)])), format!("{A} (/{SQLITE})"));
}

/// A log made by hand, with big-endian checksums.
#[test]
fn a_log_of_the_other_byte_order_is_read() {
    let file = sqlite(&[leaf(&[row(&package(b"a"))], 0)]);
    let page = leaf(&[row(&package(b"b"))], 0);
    let mut log: Vec<u8> = [0x377f_0683u32, 3_007_000, 1024, 0, 11, 12].map(u32::to_be_bytes).concat();
    let mut sum = checksum([0, 0], &log, true);
    log.extend(sum.map(u32::to_be_bytes).concat());
    let head: Vec<u8> = [2u32, 2].map(u32::to_be_bytes).concat();
    sum = checksum(checksum(sum, &head, true), &page, true);
    log.extend([head, [11u32, 12, sum[0], sum[1]].map(u32::to_be_bytes).concat(), page].concat());
    let found = summary(&read(&RPM, &[(SQLITE, &file), ("var/lib/rpm/rpmdb.sqlite-wal", &log)]));
    assert_eq!(found, format!("pkg:rpm/b@1-2 (/{SQLITE})"));
}

fn check_record(record: Vec<u8>, expected: &str) {
    let found = summary(&read(&RPM, &[(NDB, &ndb(&[record]))]));
    let short = found
        .replace(" in /var/lib/rpm/Packages.db at byte 4112", "")
        .replace("bad-record: a part of a package's record cannot be read: ", "flawed: ")
        .replace("package-database: a package's record cannot be read: ", "lost: ")
        .replace(" (/var/lib/rpm/Packages.db)", "");
    assert_eq!(short, expected);
}

#[test]
fn bad_headers_block_and_bad_parts_are_bad_records() {
    let with = |extra: (u32, u32, u32, &[u8])| {
        header(&[
            (tag::NAME, STRING, 1, b"a\0"),
            (tag::VERSION, STRING, 1, b"1\0"),
            (tag::RELEASE, STRING, 1, b"2\0"),
            extra,
        ])
    };
    let flawed = |tag: u32| format!("{A}\n? flawed: its header's tag {tag} is damaged");
    check_record(b"".to_vec(), "? lost: its header is cut off");
    check_record([0xff; 64].to_vec(), "? lost: its header is cut off");
    check_record(header(&[]), "? lost: its header has no tag 1000");
    check_record(header(&[(tag::NAME, INT32, 1, b"abcd")]), "? lost: its header's tag 1000 is damaged");
    check_record(package(b"\xff\xfe"), "? lost: its header's tag 1000 is damaged");
    check_record(package(b""), "? lost: its header has no tag 1000");
    check_record(with((tag::EPOCH, STRING, 1, b"1\0")), &flawed(tag::EPOCH));
    check_record(with((tag::EPOCH, INT32, u32::MAX, &[0, 0, 0, 1])), &flawed(tag::EPOCH));
    check_record(with((tag::LICENSE, STRING, 1, b"no end")), &flawed(tag::LICENSE));
    check_record(with((tag::BASENAMES, ARRAY, 1_000_000, b"x\0")), &flawed(tag::BASENAMES));
    check_record(with((tag::BASENAMES, ARRAY, 2, b"x\0y\0")), &flawed(tag::DIRINDEXES));
    check_record(with((tag::PROVIDENAME, ARRAY, u32::MAX, b"\0")), &flawed(tag::PROVIDENAME));
}

#[test]
fn hostile_names_stay_names() {
    check_record(package(b"a\n\x1b[2Jb"), "pkg:rpm/a%0A%1B%5B2Jb@1-2");
    check_record(package(b"../../x"), "pkg:rpm/..%2F..%2Fx@1-2");
}

#[test]
fn a_key_is_no_package_but_a_package_may_not_hide_as_one() {
    check_record(package(b"gpg-pubkey"), "");
    let posing = header(&[
        (tag::NAME, STRING, 1, b"gpg-pubkey\0"),
        (tag::VERSION, STRING, 1, b"1\0"),
        (tag::RELEASE, STRING, 1, b"2\0"),
        (tag::BASENAMES, ARRAY, 1, b"x\0"),
        (tag::DIRNAMES, ARRAY, 1, b"/bin/\0"),
        (tag::DIRINDEXES, INT32, 1, &[0; 4]),
    ]);
    check_record(posing, "pkg:rpm/gpg-pubkey@1-2");
}

/// A million files in one long folder would be gigabytes of paths.
#[test]
fn crowded_headers_hit_a_limit() {
    let folder = [b"/".as_slice(), &b"d".repeat(4000), b"/\0"].concat();
    let (bases, indexes) = (b"x\0".repeat(30_000), vec![0; 120_000]);
    let record = header(&[
        (tag::NAME, STRING, 1, b"a\0"),
        (tag::VERSION, STRING, 1, b"1\0"),
        (tag::RELEASE, STRING, 1, b"2\0"),
        (tag::BASENAMES, ARRAY, 30_000, &bases),
        (tag::DIRNAMES, ARRAY, 1, &folder),
        (tag::DIRINDEXES, INT32, 30_000, &indexes),
    ]);
    let reading = read(&RPM, &[(NDB, &ndb(&[record]))]);
    assert!(reading.found[0].owns.len() < 30_000);
    assert!(reading.unknowns.iter().any(|u| u.kind == model::UnknownKind::Limit), "{}", summary(&reading));
}

proptest! {
    #[test]
    fn flipped_bytes_never_panic(flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), which in 0..4usize) {
        let blobs = [package(b"a"), package(b"b")];
        let rows = blobs.each_ref().map(|b| row(b));
        let (at, mut file) = match which {
            0 => (NDB, ndb(&blobs)),
            1 => (BDB, bdb(&blobs, false)),
            2 => (BDB, bdb(&blobs, true)),
            _ => (SQLITE, sqlite(&[inner(&[3, 4]), leaf(&rows[..1], 0), leaf(&rows[1..], 0)])),
        };
        for (index, value) in flips {
            let index = index.index(file.len());
            file[index] = value;
        }
        prop_assert!(read(&RPM, &[(at, &file)]).found.len() <= 2 * 4);
    }

    #[test]
    fn any_record_is_a_package_or_a_gap(record in prop::collection::vec(any::<u8>(), 0..200)) {
        let reading = read(&RPM, &[(NDB, &ndb(&[record]))]);
        prop_assert!(!reading.found.is_empty() || !reading.unknowns.is_empty());
    }
}
