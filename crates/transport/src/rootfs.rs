//! A root filesystem as an image of one layer: a plain tar, made while it is read.
//!
//! The stream is a function of the tree alone: names in byte order, a folder before what is in it, no user names,
//! whole seconds. Links are never followed; devices, pipes and unreadable files are listed and not opened.
//! Sockets are left out, since no tar has them, and what the kernel makes up (`proc`, `sysfs`…) is not entered.
//! What could not be read or was not entered is an [`Unknown`] of [`Layers::noticed`], never silence.

use crate::TransportError;
use crate::files::flags;
use crate::image::{Compression, Image, Layer, LayerBytes, Layers};
use crate::pax::Entry;
use model::{Platform, TreePath, Unknown, UnknownKind};
use rustix::fs::OFlags;
use std::collections::{BTreeSet, HashMap};
use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The most things noticed that are kept one by one.
pub const NOTICED_LIMIT: usize = 1000;
/// The largest capability attribute: what Linux writes has 20 or 24 bytes.
const CAPABILITY_LIMIT: usize = 256;

/// Opens the tree at `path`.
pub(crate) fn open(path: &Path, platform: &Platform, target: &str) -> Result<Image, TransportError> {
    let failed = |source| TransportError::File { path: path.display().to_string(), source };
    let root = path.canonicalize().map_err(failed)?;
    // Now rather than in the middle of a stream.
    std::fs::read_dir(&root).map_err(failed)?;
    Ok(Image {
        subject: None,
        target: target.to_owned(),
        reference: None,
        index: None,
        manifest: None,
        config: None,
        platform: platform.clone(),
        layers: vec![Layer { diff_id: None, blob: None, compression: Compression::Plain }],
        unknowns: Vec::new(),
        bytes: Arc::new(Tree { root, noticed: Arc::default() }),
    })
}

struct Tree {
    root: PathBuf,
    noticed: Arc<Noticed>,
}

impl Layers for Tree {
    fn open(&self, index: usize) -> Result<LayerBytes, TransportError> {
        let shown = self.root.display().to_string();
        if index > 0 {
            return Err(TransportError::Missing { target: shown, name: format!("layer {index}") });
        }
        let stream = TreeTar::new(self.root.clone(), Arc::clone(&self.noticed));
        Ok(Box::new(stream.map_err(|source| TransportError::File { path: shown, source })?))
    }

    fn noticed(&self) -> Vec<Unknown> {
        self.noticed.list()
    }
}

/// What could not be read; a second reading of the tree adds nothing twice.
#[derive(Default)]
struct Noticed(Mutex<BTreeSet<Unknown>>);

impl Noticed {
    fn add(&self, path: &[u8], kind: UnknownKind, why: &str) {
        let Ok(path) = TreePath::clean(path) else { return };
        let mut set = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if set.len() < NOTICED_LIMIT {
            set.insert(Unknown::new(kind, why).at(&path));
        } else if !set.contains(&Unknown::new(kind, why).at(&path)) {
            set.insert(Unknown::new(
                UnknownKind::Limit,
                format!("more than {NOTICED_LIMIT} files could not be read: the rest is not listed"),
            ));
        }
    }

    fn unreadable(&self, path: &[u8], error: &io::Error) {
        self.add(path, UnknownKind::Unreadable, &error.to_string());
    }

    fn not_entered(&self, path: &[u8]) {
        self.add(
            path,
            UnknownKind::NotEntered,
            "what the kernel makes up is of the machine, not of the tree: not looked at",
        );
    }

    fn list(&self) -> Vec<Unknown> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

/// The tar stream.
struct TreeTar {
    walk: Walk,
    noticed: Arc<Noticed>,
    /// Header bytes to hand out, from `at`.
    header: Vec<u8>,
    at: usize,
    body: Option<Body>,
    /// Zeros to hand out: padding, what a shrunken file lacks, the end of the archive.
    zeros: u64,
    /// First path of each file with several links, and how many links are still to come.
    links: HashMap<(u64, u64), (Vec<u8>, u64)>,
    ended: bool,
}

struct Body {
    file: File,
    path: Vec<u8>,
    left: u64,
}

impl TreeTar {
    fn new(root: PathBuf, noticed: Arc<Noticed>) -> io::Result<Self> {
        let walk = Walk::new(root, Arc::clone(&noticed))?;
        let links = HashMap::new();
        Ok(Self { walk, noticed, header: Vec::new(), at: 0, body: None, zeros: 0, links, ended: false })
    }

    /// Prepares the next entry; `false` at the end.
    fn advance(&mut self) -> io::Result<bool> {
        let Some((path, metadata)) = self.walk.next() else { return Ok(false) };
        let kind = metadata.file_type();
        if kind.is_dir() {
            let path = [&path, b"/".as_slice()].concat();
            self.put(&path, tar::EntryType::Directory, &metadata, b"")?;
        } else if kind.is_symlink() {
            match std::fs::read_link(self.walk.absolute(&path)) {
                Ok(link) => self.put(&path, tar::EntryType::Symlink, &metadata, link.as_os_str().as_bytes())?,
                Err(error) => self.noticed.unreadable(&path, &error),
            }
        } else if kind.is_file() {
            self.regular(path, &metadata)?;
        } else if let Some(kind) = special(kind) {
            self.put(&path, kind, &metadata, b"")?;
        }
        Ok(true)
    }

    fn regular(&mut self, path: Vec<u8>, metadata: &Metadata) -> io::Result<()> {
        if let Some(first) = self.first_link(&path, metadata) {
            return self.put(&path, tar::EntryType::Link, metadata, &first);
        }
        match open_same(&self.walk.absolute(&path), metadata) {
            Ok((file, metadata)) => {
                let capability = self.capability(&file, &path);
                let left = metadata.len();
                self.put_with(&path, tar::EntryType::Regular, &metadata, b"", left, capability.as_deref())?;
                self.zeros = left.next_multiple_of(512) - left;
                self.body = Some(Body { file, path, left });
                Ok(())
            }
            Err(error) => {
                self.noticed.unreadable(&path, &error);
                self.put(&path, tar::EntryType::Regular, metadata, b"")
            }
        }
    }

    /// The path under which this file was already written, if it has several.
    fn first_link(&mut self, path: &[u8], metadata: &Metadata) -> Option<Vec<u8>> {
        if metadata.nlink() < 2 {
            return None;
        }
        let key = (metadata.dev(), metadata.ino());
        let Some((first, left)) = self.links.get_mut(&key) else {
            self.links.insert(key, (path.to_owned(), metadata.nlink() - 1));
            return None;
        };
        *left -= 1;
        // When the last link was seen, nothing will ask again.
        if *left > 0 { Some(first.clone()) } else { self.links.remove(&key).map(|(first, _)| first) }
    }

    fn capability(&self, file: &File, path: &[u8]) -> Option<Vec<u8>> {
        let mut value = [0; CAPABILITY_LIMIT];
        match rustix::fs::fgetxattr(file, c"security.capability", value.as_mut_slice()) {
            Ok(length) => Some(value[..length].to_vec()),
            Err(rustix::io::Errno::NODATA | rustix::io::Errno::NOTSUP) => None,
            Err(error) => {
                self.noticed.unreadable(path, &error.into());
                None
            }
        }
    }

    fn put(&mut self, path: &[u8], kind: tar::EntryType, metadata: &Metadata, link: &[u8]) -> io::Result<()> {
        self.put_with(path, kind, metadata, link, 0, None)
    }

    fn put_with(
        &mut self,
        path: &[u8],
        kind: tar::EntryType,
        metadata: &Metadata,
        link: &[u8],
        size: u64,
        capability: Option<&[u8]>,
    ) -> io::Result<()> {
        let device = matches!(kind, tar::EntryType::Char | tar::EntryType::Block);
        let number = metadata.rdev();
        let entry = Entry {
            path,
            kind,
            size,
            mode: metadata.mode() & 0o7777,
            uid: metadata.uid(),
            gid: metadata.gid(),
            mtime: u64::try_from(metadata.mtime()).unwrap_or(0),
            link,
            device: device.then(|| (rustix::fs::major(number), rustix::fs::minor(number))),
            capability,
        };
        self.header = entry.write()?;
        self.at = 0;
        Ok(())
    }

    /// Hands out content; what the file no longer has is made up with zeros, and noticed.
    fn read_body(&mut self, buffer: &mut [u8]) -> usize {
        let Some(body) = &mut self.body else { return 0 };
        let wanted = usize::try_from(body.left).unwrap_or(usize::MAX).min(buffer.len());
        let why = match read_some(&mut body.file, &mut buffer[..wanted]) {
            Ok(got) if got > 0 || wanted == 0 => {
                body.left -= got as u64;
                if body.left == 0 {
                    self.body = None;
                }
                return got;
            }
            Ok(_) => "the file became shorter while it was read".to_owned(),
            Err(error) => error.to_string(),
        };
        self.noticed.add(&body.path, UnknownKind::Unreadable, &why);
        self.zeros += body.left;
        self.body = None;
        0
    }
}

impl Read for TreeTar {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let header = &self.header[self.at..];
            if !header.is_empty() {
                let got = header.len().min(buffer.len());
                buffer[..got].copy_from_slice(&header[..got]);
                self.at += got;
                return Ok(got);
            }
            let got = self.read_body(buffer);
            if got > 0 {
                return Ok(got);
            }
            // An empty file leaves its body behind: there is nothing to read in it.
            self.body = None;
            if self.zeros > 0 {
                let got = usize::try_from(self.zeros).unwrap_or(usize::MAX).min(buffer.len());
                buffer[..got].fill(0);
                self.zeros -= got as u64;
                return Ok(got);
            }
            if self.ended {
                return Ok(0);
            }
            if !self.advance()? {
                self.ended = true;
                self.zeros = 1024;
            }
        }
    }
}

fn read_some(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match file.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

fn special(kind: std::fs::FileType) -> Option<tar::EntryType> {
    if kind.is_char_device() {
        Some(tar::EntryType::Char)
    } else if kind.is_block_device() {
        Some(tar::EntryType::Block)
    } else {
        kind.is_fifo().then_some(tar::EntryType::Fifo)
    }
}

/// Opens the regular file that `expected` was read of. A folder on the way that became a link meanwhile, or another
/// file put in its place, is refused: it may lie outside the tree.
fn open_same(path: &Path, expected: &Metadata) -> io::Result<(File, Metadata)> {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(flags(OFlags::NOFOLLOW | OFlags::NONBLOCK));
    let file = options.open(path)?;
    let found = file.metadata()?;
    expect_same(&found, expected)?;
    Ok((file, found))
}

fn expect_same(found: &Metadata, expected: &Metadata) -> io::Result<()> {
    let key = |m: &Metadata| (m.file_type(), m.dev(), m.ino());
    if key(found) == key(expected) {
        return Ok(());
    }
    Err(io::Error::other("something else was put in its place while the tree was read"))
}

/// The tree, depth first, names in byte order. Only the names of the folders on the way down are in memory.
struct Walk {
    root: PathBuf,
    noticed: Arc<Noticed>,
    folders: Vec<Folder>,
}

struct Folder {
    path: Vec<u8>,
    device: u64,
    names: std::vec::IntoIter<OsString>,
}

impl Walk {
    fn new(root: PathBuf, noticed: Arc<Noticed>) -> io::Result<Self> {
        let metadata = root.metadata()?;
        let mut walk = Self { root, noticed, folders: Vec::new() };
        walk.enter(Vec::new(), &metadata);
        Ok(walk)
    }

    /// The next entry: its path from the root, and what it is (links not followed).
    fn next(&mut self) -> Option<(Vec<u8>, Metadata)> {
        loop {
            let folder = self.folders.last_mut()?;
            let outer = folder.device;
            let Some(name) = folder.names.next() else {
                self.folders.pop();
                continue;
            };
            let path = match folder.path.as_slice() {
                b"" => name.into_vec(),
                parent => [parent, b"/", name.as_bytes()].concat(),
            };
            match self.absolute(&path).symlink_metadata() {
                Ok(metadata) => {
                    let mounted = metadata.dev() != outer;
                    if metadata.is_dir() && mounted && is_kernel_made(&self.absolute(&path)) {
                        self.noticed.not_entered(&path);
                    } else if metadata.is_dir() {
                        self.enter(path.clone(), &metadata);
                    }
                    return Some((path, metadata));
                }
                // Removed between the listing and now: it is not in the tree.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => self.noticed.unreadable(&path, &error),
            }
        }
    }

    fn enter(&mut self, path: Vec<u8>, metadata: &Metadata) {
        match self.list(&path, metadata) {
            Ok(names) => self.folders.push(Folder { path, device: metadata.dev(), names: names.into_iter() }),
            Err(error) => self.noticed.unreadable(&path, &error),
        }
    }

    fn list(&self, path: &[u8], expected: &Metadata) -> io::Result<Vec<OsString>> {
        let mut options = OpenOptions::new();
        options.read(true).custom_flags(flags(OFlags::NOFOLLOW | OFlags::DIRECTORY));
        let folder = options.open(self.absolute(path))?;
        expect_same(&folder.metadata()?, expected)?;
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::new(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name != b"." && name != b".." {
                names.push(OsString::from_vec(name.to_owned()));
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn absolute(&self, path: &[u8]) -> PathBuf {
        self.root.join(OsStr::from_bytes(path))
    }
}

/// Whether a mounted folder shows what the kernel makes up: it is of the machine, not of the tree.
#[cfg(target_os = "linux")]
fn is_kernel_made(path: &Path) -> bool {
    /// proc, sysfs, cgroup, cgroup2, devpts, debugfs, tracefs, securityfs, bpf, pstore, mqueue, configfs, fusectl,
    /// efivarfs, binfmt_misc, selinuxfs (`linux/magic.h`, `statfs(2)`).
    const MADE: [u32; 16] = [
        0x9fa0,
        0x6265_6572,
        0x0027_e0eb,
        0x6367_7270,
        0x1cd1,
        0x6462_6720,
        0x7472_6163,
        0x7363_6673,
        0xcafe_4a11,
        0x6165_676c,
        0x1980_0202,
        0x6265_6570,
        0x6573_5543,
        0xde5e_81e4,
        0x4249_4e4d,
        0xf97c_ff8c,
    ];
    rustix::fs::statfs(path).is_ok_and(|found| MADE.contains(&(found.f_type as u32)))
}

#[cfg(not(target_os = "linux"))]
fn is_kernel_made(_: &Path) -> bool {
    false
}

#[cfg(test)]
#[path = "rootfs_tests.rs"]
mod tests;
