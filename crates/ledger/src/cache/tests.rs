//! What is stored comes back; what is damaged, old or too much does not; and many can do it at once.

use super::entry::{EntryKind, Key};
use super::*;
use facts::image::{Cause, Changes, LayerSummary, WasteGroup};
use facts::keep::{Kept, Part};
use facts::{Entry, Kind, Nature};
use model::{Ecosystem, Evidence, Package, Purl, Sha256, TreePath, Unknown, UnknownKind};
use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

const MIB: u64 = 1 << 20;

fn cache(limit: u64) -> (TempDir, Cache) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let cache = Cache::open(dir.path().join("cache"), limit).expect("a cache");
    (dir, cache)
}

fn digest(name: &str) -> Digest {
    Digest::of(name.as_bytes())
}

fn gzipped() -> Packed {
    Packed { diff_id: digest("tar"), size: 7, encoding: Encoding::Gzip }
}

fn path(text: &str) -> TreePath {
    TreePath::clean(text.as_bytes()).expect("a path")
}

/// A layer with every kind of entry and part, and `weight` kept bytes that do not compress.
fn layer(name: &str, weight: usize) -> LayerFacts {
    let kinds = [
        Kind::File,
        Kind::HardLink(path("etc/a")),
        Kind::Symlink(b"../\xff".as_slice().into()),
        Kind::Directory,
        Kind::Special,
        Kind::Whiteout,
        Kind::Opaque,
    ];
    let entry = |(i, kind): (usize, Kind)| Entry {
        path: path(&format!("etc/{i}")),
        kind,
        size: i as u64 * 1000,
        mode: 0o4755,
        uid: 0,
        gid: u32::MAX,
        mtime: -1,
        sha256: (i == 0).then(|| Sha256::of(name.as_bytes())),
        capability: i == 1,
        nature: Nature::Elf,
    };
    let noise: Vec<u8> =
        (0..weight.div_ceil(32)).flat_map(|i| Sha256::of(format!("{name}{i}").as_bytes()).0).take(weight).collect();
    LayerFacts {
        diff_id: digest(name),
        plain_size: 7,
        entries: kinds.into_iter().enumerate().map(entry).collect(),
        kept: vec![
            Kept { entry: 0, part: Part::Whole, bytes: noise },
            Kept { entry: 0, part: Part::Member("a!b".into()), bytes: vec![0; 3000] },
            Kept { entry: 1, part: Part::Piece("go.buildinfo".into()), bytes: Vec::new() },
        ],
        unknowns: vec![Unknown::new(UnknownKind::Limit, "too much").in_layer(digest(name)).byte(9)],
    }
}

fn image(layers: &[&str]) -> ImageFacts {
    let summary = |name: &&str| LayerSummary {
        diff_id: digest(name),
        plain_size: 1,
        entries: 2,
        file_bytes: 3,
        hidden_bytes: 4,
        changes: Changes { added: 5, changed: 6, removed: 7 },
    };
    let evidence = Evidence { path: path("var/lib/x"), member: None, layer: 0, sha256: None };
    let purl = Purl::builder("rpm", "bash").version("5-1").build();
    ImageFacts {
        layers: layers.iter().map(summary).collect(),
        os: Some(facts::os::OsRelease { id: "debian".into(), ..Default::default() }),
        packages: vec![Package::new(Ecosystem::Rpm, purl, "bash", "5-1", evidence)],
        waste: vec![WasteGroup {
            layer: 1,
            hidden_by: Some(2),
            cause: Cause::Cache,
            tool: Some("apt".into()),
            files: 3,
            bytes: 4,
            largest: vec![(path("var/cache/apt/x"), 4)],
        }],
        users: vec![("root".into(), 0)],
        unknowns: vec![Unknown::new(UnknownKind::BadRecord, "x")],
        entries: 5,
        visible_bytes: 6,
        long_hashes: vec![(Sha256::of(b"x"), Digest::from_sha512([7; 64]))],
        ..ImageFacts::default()
    }
}

fn layer_path(cache: &Cache, name: &str, version: u32) -> PathBuf {
    cache.folder.path(&Key::layer(&digest(name), version))
}

fn age(path: &Path, hours: u64) {
    let then = SystemTime::now() - Duration::from_secs(hours * 3600);
    File::options().write(true).open(path).and_then(|f| f.set_modified(then)).expect("a file");
}

fn names_below(dir: &Path) -> Vec<String> {
    let mut names = Vec::new();
    let mut open = vec![dir.to_owned()];
    while let Some(dir) = open.pop() {
        for item in fs::read_dir(dir).expect("a folder").map(|i| i.expect("an item")) {
            if item.file_type().expect("a type").is_dir() {
                open.push(item.path());
            } else {
                names.push(item.file_name().to_string_lossy().into_owned());
            }
        }
    }
    names
}

#[test]
fn gives_back_what_was_stored() {
    let (_dir, cache) = cache(64 * MIB);
    let (a, ab) = (layer("a", 5000), image(&["a", "b"]));
    assert_eq!((cache.layer(&digest("a"), 1), cache.image(&[digest("a")], 1)), (None, None));
    cache.store_layer(&a, 1).unwrap();
    cache.store_image(&ab, 1).unwrap();
    cache.store_blob(&digest("{}"), b"{}").unwrap();
    cache.store_packed(&digest("gz"), gzipped()).unwrap();
    cache.store_seen_at("1 2 3", &digest("gz")).unwrap();
    assert_eq!((cache.seen_at("1 2 3"), cache.seen_at("1 2 4")), (Some(digest("gz")), None));
    assert_eq!(cache.layer(&digest("a"), 1), Some(a));
    assert_eq!(cache.image(&[digest("a"), digest("b")], 1), Some(ab));
    assert_eq!(cache.blob(&digest("{}")), Some(b"{}".to_vec()));
    assert_eq!(cache.packed(&digest("gz")), Some(gzipped()));
    let usage = cache.usage();
    assert_eq!(usage.entries, 5);
    assert_eq!(usage.by_kind.iter().map(|(_, entries, _)| *entries).collect::<Vec<_>>(), [1; 5]);
    assert_eq!(usage.by_kind.iter().map(|(_, _, bytes)| bytes).sum::<u64>(), usage.bytes);
    assert_eq!(cache.verify(), CacheReport { good: 5, damaged: 0 });
}

#[test]
fn another_version_or_order_is_absent() {
    let (_dir, cache) = cache(64 * MIB);
    cache.store_layer(&layer("a", 10), 1).unwrap();
    cache.store_image(&image(&["a", "b"]), 1).unwrap();
    assert_eq!(cache.layer(&digest("a"), 2), None);
    assert_eq!(cache.image(&[digest("a"), digest("b")], 2), None);
    assert_eq!(cache.image(&[digest("b"), digest("a")], 1), None);
    assert_eq!(cache.image(&[digest("a")], 1), None);
    assert!(cache.layer(&digest("a"), 1).is_some(), "asking for another version removes nothing");
}

#[test]
fn takes_no_blob_under_a_wrong_digest() {
    let (_dir, cache) = cache(64 * MIB);
    let error = cache.store_blob(&digest("a"), b"b").unwrap_err();
    assert!(matches!(error, CacheError::WrongContent(d) if d == digest("a")));
    assert_eq!(cache.blob(&digest("a")), None);
}

/// Stores a layer, damages its file, and expects it to be absent and gone.
fn check_damage(what: &str, damage: impl FnOnce(&mut Vec<u8>)) {
    let (_dir, cache) = cache(64 * MIB);
    cache.store_layer(&layer("a", 5000), 1).unwrap();
    let file = layer_path(&cache, "a", 1);
    let mut bytes = fs::read(&file).unwrap();
    damage(&mut bytes);
    fs::write(&file, bytes).unwrap();
    assert_eq!(cache.layer(&digest("a"), 1), None, "{what}");
    assert!(!file.exists(), "{what}");
    cache.store_layer(&layer("a", 5000), 1).unwrap();
    assert!(cache.layer(&digest("a"), 1).is_some(), "{what}: stored again");
}

#[test]
fn a_damaged_entry_is_absent_and_removed() {
    for at in [0, 8, 9, 10, 16, 23, 24, 31, 32, 63, 64, 95, 96, 3000] {
        check_damage(&format!("byte {at}"), |bytes| bytes[at] ^= 1);
    }
    for length in [0, 1, 95, 96, 4000] {
        check_damage(&format!("cut to {length}"), |bytes| bytes.truncate(length));
    }
    check_damage("longer", |bytes| bytes.push(0));
}

/// Puts `plain` under the key of layer `a`, with a right checksum.
fn forge(cache: &Cache, plain: &[u8]) {
    let key = Key::layer(&digest("a"), 1);
    cache.store(&key, plain).unwrap();
    assert!(cache.folder.path(&key).exists());
}

#[test]
fn a_forged_entry_gets_no_memory_and_no_belief() {
    let (_dir, cache) = cache(64 * MIB);
    // Another layer's facts under this layer's key.
    forge(&cache, &postcard::to_stdvec(&layer("b", 10)).unwrap());
    assert_eq!(cache.layer(&digest("a"), 1), None);
    // Bytes after the end, and garbage.
    let mut long = postcard::to_stdvec(&layer("a", 10)).unwrap();
    long.push(0);
    forge(&cache, &long);
    assert_eq!(cache.layer(&digest("a"), 1), None);
    forge(&cache, &[0xff; 600]);
    assert_eq!(cache.layer(&digest("a"), 1), None);
    // Counts of entries beyond any layer's: in the head alone, and with bytes for each of them.
    for count in [u64::MAX, 1 << 40, (1 << 20) + 1] {
        let mut crowd = postcard::to_stdvec(&(digest("a"), 7u64, count)).unwrap();
        crowd.resize(crowd.len() + (1 << 21), 0);
        forge(&cache, &crowd);
        assert_eq!(cache.layer(&digest("a"), 1), None);
    }
}

#[test]
fn any_bytes_decode_or_do_not() {
    let (a, ab) = (postcard::to_stdvec(&layer("a", 64)).unwrap(), postcard::to_stdvec(&image(&["a"])).unwrap());
    assert_eq!((wire::layer(a.clone()), wire::image(ab.clone())), (Some(layer("a", 64)), Some(image(&["a"]))));
    for (i, value) in (0..a.len().max(ab.len())).step_by(3).flat_map(|i| [0, 0x80, 0xff].map(|value| (i, value))) {
        let spoilt = |plain: &[u8]| {
            let mut plain = plain.to_vec();
            let at = i % plain.len();
            plain[at] = value;
            plain
        };
        let layer = wire::layer(spoilt(&a));
        assert!(layer.is_none_or(|l| postcard::to_stdvec(&l).is_ok()));
        assert!(wire::image(spoilt(&ab)).is_none_or(|i| postcard::to_stdvec(&i).is_ok()));
    }
}

#[test]
fn a_file_that_says_it_unpacks_to_more_than_allowed_is_not_unpacked() {
    let (_dir, cache) = cache(64 * MIB);
    cache.store_packed(&digest("gz"), gzipped()).unwrap();
    let key = Key::diff_id(&digest("gz"));
    assert!(Header::seal(&key, &[b'x'; 257]).is_none());
    let file = cache.folder.path(&key);
    let mut bytes = fs::read(&file).unwrap();
    bytes[16..24].copy_from_slice(&u64::MAX.to_le_bytes());
    bytes[24..32].copy_from_slice(&(u64::MAX - 96).to_le_bytes());
    fs::write(&file, bytes).unwrap();
    assert_eq!(cache.packed(&digest("gz")), None);
}

#[test]
fn verify_removes_what_is_damaged_or_misplaced() {
    let (_dir, cache) = cache(64 * MIB);
    for name in ["a", "b", "c"] {
        cache.store_layer(&layer(name, 100), 1).unwrap();
    }
    fs::write(layer_path(&cache, "b", 1), b"").unwrap();
    fs::copy(layer_path(&cache, "a", 1), layer_path(&cache, "c", 1)).unwrap();
    assert_eq!(cache.verify(), CacheReport { good: 1, damaged: 2 });
    assert_eq!(cache.verify(), CacheReport { good: 1, damaged: 0 });
}

#[test]
fn stays_below_its_limit_and_drops_what_was_used_longest_ago() {
    let (_dir, cache) = cache(100_000);
    for (hours, name) in [(9, "a"), (8, "b"), (7, "c"), (6, "d")] {
        cache.store_layer(&layer(name, 20_000), 1).unwrap();
        age(&layer_path(&cache, name, 1), hours);
    }
    // Using the oldest one makes it the youngest.
    assert!(cache.layer(&digest("a"), 1).is_some());
    cache.store_layer(&layer("e", 20_000), 1).unwrap();
    assert!(cache.usage().bytes <= 100_000);
    let left = ["a", "b", "c", "d", "e"].map(|name| cache.layer(&digest(name), 1).is_some());
    assert_eq!(left, [true, false, true, true, true]);
    for i in 0..40 {
        cache.store_layer(&layer(&format!("more {i}"), 20_000), 1).unwrap();
        assert!(cache.usage().bytes <= 100_000);
    }
}

#[test]
fn notes_use_once_an_hour_at_the_most() {
    let (_dir, cache) = cache(64 * MIB);
    cache.store_layer(&layer("a", 10), 1).unwrap();
    let file = layer_path(&cache, "a", 1);
    age(&file, 0);
    let fresh = file.metadata().unwrap().modified().unwrap();
    assert!(cache.layer(&digest("a"), 1).is_some());
    assert_eq!(file.metadata().unwrap().modified().unwrap(), fresh);
    age(&file, 2);
    let old = file.metadata().unwrap().modified().unwrap();
    assert!(cache.layer(&digest("a"), 1).is_some());
    assert!(file.metadata().unwrap().modified().unwrap() > old);
}

#[test]
fn an_entry_above_the_limit_is_not_stored() {
    let (_dir, cache) = cache(1000);
    cache.store_layer(&layer("a", 5000), 1).unwrap();
    assert_eq!(cache.usage().entries, 0);
}

#[test]
fn a_lost_total_is_counted_anew() {
    let (dir, cache) = cache(50_000);
    for name in ["a", "b"] {
        cache.store_layer(&layer(name, 20_000), 1).unwrap();
    }
    for total in ["", "0", "nonsense\n", "-1\n"] {
        fs::write(dir.path().join("cache/total"), total).unwrap();
        cache.store_layer(&layer("c", 20_000), 1).unwrap();
        assert!(cache.usage().bytes <= 50_000, "{total:?}");
    }
}

/// What a process leaves that is killed while it writes: a temporary file, which no reader ever sees.
#[test]
fn a_killed_writer_leaves_nothing_that_counts() {
    let (dir, cache) = cache(64 * MIB);
    cache.store_layer(&layer("a", 100), 1).unwrap();
    let shard = layer_path(&cache, "a", 1).parent().unwrap().to_owned();
    let whole = fs::read(layer_path(&cache, "a", 1)).unwrap();
    fs::write(shard.join(".tmp-dead"), &whole[..whole.len() / 2]).unwrap();
    fs::write(shard.join(".tmp-busy"), &whole[..whole.len() / 2]).unwrap();
    age(&shard.join(".tmp-dead"), 2);
    assert_eq!(cache.usage().entries, 1);
    assert_eq!(cache.verify(), CacheReport { good: 1, damaged: 0 });
    cache.trim().unwrap();
    assert!(!shard.join(".tmp-dead").exists(), "its writer is long dead");
    assert!(shard.join(".tmp-busy").exists(), "its writer may still be at work");
    assert_eq!(cache.layer(&digest("a"), 1), Some(layer("a", 100)));
    cache.clear().unwrap();
    let mut left = names_below(&dir.path().join("cache"));
    left.sort();
    assert_eq!(left, ["CACHEDIR.TAG", "total"]);
}

#[test]
fn clear_removes_nothing_that_is_not_ours() {
    let (dir, cache) = cache(64 * MIB);
    cache.store_layer(&layer("a", 100), 1).unwrap();
    let foreign =
        ["cache/notes.txt", "cache/layers/notes.txt", "cache/layers/ab/notes.txt"].map(|n| dir.path().join(n));
    fs::create_dir_all(dir.path().join("cache/layers/ab")).unwrap();
    for file in &foreign {
        fs::write(file, "mine").unwrap();
    }
    cache.clear().unwrap();
    assert_eq!(cache.usage().entries, 0);
    assert!(foreign.iter().all(|file| file.exists()));
}

/// Eight writers and readers of the same few entries, with trims in between: whole or absent, never half.
#[test]
fn many_at_once_see_whole_entries_or_none() {
    let (dir, _cache) = cache(150_000);
    let at = dir.path().join("cache");
    std::thread::scope(|scope| {
        for worker in 0..8 {
            let at = at.clone();
            scope.spawn(move || {
                // Each has its own, as each process would.
                let cache = Cache::open(at, 150_000).unwrap();
                for i in 0..30 {
                    let name = format!("{}", (i + worker) % 6);
                    cache.store_layer(&layer(&name, 30_000), 1).unwrap();
                    let other = format!("{}", (i * 5 + worker) % 6);
                    let found = cache.layer(&digest(&other), 1);
                    assert!(found.is_none_or(|found| found == layer(&other, 30_000)));
                    if i % 10 == 0 {
                        cache.trim().unwrap();
                    }
                }
            });
        }
    });
    let cache = Cache::open(at.clone(), 150_000).unwrap();
    cache.trim().unwrap();
    let usage = cache.usage();
    assert!(usage.bytes <= 150_000 && usage.entries > 0);
    assert_eq!(cache.verify(), CacheReport { good: usage.entries, damaged: 0 });
    assert!(names_below(&at).iter().all(|name| !name.starts_with(".tmp-")));
}

#[test]
fn trim_leaves_the_work_to_who_is_at_it() {
    let (dir, cache) = cache(30_000);
    let lock = File::options().write(true).open(dir.path().join("cache/total")).unwrap();
    lock.lock().unwrap();
    for name in ["a", "b", "c"] {
        cache.store_layer(&layer(name, 20_000), 1).unwrap();
    }
    cache.trim().unwrap();
    assert_eq!(cache.usage().entries, 3, "nothing waits for the lock");
    lock.unlock().unwrap();
    cache.store_layer(&layer("d", 20_000), 1).unwrap();
    assert_eq!(cache.usage().entries, 1);
}

#[test]
fn an_unusable_folder_is_a_typed_error() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    for bad in [file.clone(), file.join("below"), PathBuf::from("/proc/plimsoll-cache")] {
        let error = Cache::open(bad.clone(), MIB).unwrap_err();
        assert!(matches!(&error, CacheError::Folder { dir, .. } if *dir == bad), "{error}");
    }
}

#[test]
fn what_lies_in_an_entrys_place_is_never_waited_for() {
    let (_dir, cache) = cache(64 * MIB);
    let place = layer_path(&cache, "a", 1);
    fs::create_dir_all(&place).unwrap();
    assert_eq!(cache.layer(&digest("a"), 1), None);
    assert!(cache.store_layer(&layer("a", 10), 1).is_err());
    fs::remove_dir(&place).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &place).unwrap();
    assert_eq!(cache.layer(&digest("a"), 1), None);
    cache.store_layer(&layer("a", 10), 1).unwrap();
    assert!(cache.layer(&digest("a"), 1).is_some());
}

#[test]
fn words_of_kinds_are_folders() {
    let (dir, _cache) = cache(64 * MIB);
    assert!(EntryKind::ALL.iter().all(|kind| dir.path().join("cache").join(kind.word()).is_dir()));
}
