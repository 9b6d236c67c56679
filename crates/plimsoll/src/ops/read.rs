//! From closed layers to facts: each layer opened at most once, none whose facts are cached.

use super::intact::{is_intact, remember};
use super::stored::{self, is_bare};
use crate::progress::Progress;
use documents::claims::Claims;
use facts::image::ImageFacts;
use facts::keep::Look;
use facts::layer::{self, Encoding, GROUND_VERSION, Means, Promise};
use facts::waste::Wasted;
use facts::{FACTS_VERSION, LayerFacts, Limits, assemble_in_full, looks_for};
use ledger::cache::{Cache, CacheError, Packed};
use model::{Digest, Subject, Unknown, UnknownKind};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use transport::{Compression, Image, Layer, Stored};

/// Plain bytes of all layers together for each stored byte, and what is read whatever the ratio.
const TOTAL_RATIO: u64 = 100;
/// Layers read at a time, however many processors there are: each may keep what its limits allow in memory.
const MOST_AT_ONCE: usize = 4;
const TOTAL_FLOOR: u64 = 2 << 30;

/// An image with what its layers hold.
pub(crate) struct Reading {
    pub(crate) image: Image,
    pub(crate) facts: ImageFacts,
    /// What the transport could not read; the facts' own unknowns are in the facts.
    pub(crate) unknowns: Vec<Unknown>,
    /// The layers, lowest 0, of which nothing was read. Their facts are empty: a sum over them would be a statement
    /// about bytes that nobody saw.
    pub(crate) unread: Vec<usize>,
    /// Why the cache could not be written, if it could not.
    pub(crate) cache_trouble: Option<CacheError>,
    /// The document that says all this, where no image was read; its packages are the facts'.
    pub(crate) claims: Option<Box<Claims>>,
}

impl Reading {
    /// Whether this layer, lowest 0, was read.
    pub(crate) fn is_read(&self, number: usize) -> bool {
        !self.unread.contains(&number)
    }

    /// A figure about the whole image, known only if every layer was read.
    pub(crate) fn of_all<T>(&self, figure: T) -> Option<T> {
        self.unread.is_empty().then_some(figure)
    }
}

/// What is asked of a reading.
#[derive(Clone, Copy, Default)]
pub(crate) struct Asked {
    /// SHA-512 of programs and archives as well.
    pub(crate) long_hashes: bool,
    /// Progress on a terminal.
    pub(crate) watched: bool,
}

impl Asked {
    /// Facts of layers are good for what was kept of them; with long hashes that is more.
    fn layer_version(self) -> u32 {
        GROUND_VERSION + if self.long_hashes { LONG } else { 0 }
    }

    /// Facts of cached images are good for one pair of versions: what was kept, and what was read of it.
    pub(super) fn image_version(self) -> u32 {
        self.layer_version() * 1000 + FACTS_VERSION
    }
}

/// Sets versions of facts with long hashes apart.
const LONG: u32 = 1_000_000;

/// Every entry of every layer, and every file that is there in vain.
pub(crate) struct Detail {
    pub(crate) layers: Vec<LayerFacts>,
    pub(crate) wasted: Vec<Wasted>,
}

/// Reads the layers of `image`, or takes their facts from the cache.
pub(crate) fn read(image: Image, cache: Option<&Cache>, asked: Asked) -> Reading {
    let known = known(&image);
    let proven = cache.filter(|cache| image.layers.iter().all(|layer| is_proven(layer, cache)));
    let intact = |cache: &Cache| (0..image.layers.len()).all(|index| is_intact(&image, index, cache));
    if let Some(proven) = proven
        && let Some(facts) = known.as_ref().and_then(|ids| proven.image(ids, asked.image_version()))
        && image.layers.iter().zip(&facts.layers).all(|(layer, known)| is_as_long(layer, known.plain_size))
        && intact(proven)
    {
        let unknowns = stored::all_mislabelled(&image, proven);
        return Reading { image, facts, unknowns, unread: Vec::new(), cache_trouble: None, claims: None };
    }
    read_in_full(image, cache, asked).0
}

/// The diffIDs of an image whose layers can all be read.
fn known(image: &Image) -> Option<Vec<Digest>> {
    let diff_ids: Option<Vec<Digest>> = image.layers.iter().map(|l| l.diff_id).collect();
    let whole = image.unknowns.is_empty() && image.layers.iter().all(|l| !is_closed(l));
    diff_ids.filter(|ids| whole && !ids.is_empty())
}

/// The same with every entry. Layers come out of the cache where they are known, the image is assembled anew.
pub(crate) fn read_in_full(mut image: Image, cache: Option<&Cache>, asked: Asked) -> (Reading, Detail) {
    let known = known(&image);
    let mut work = Work::new(&image, cache, asked);
    let layers = work.read_all();
    // A layer that failed has an empty one in its place: what is then known of the image must not be taken for it later.
    let all_read = work.unknowns.is_empty();
    let unread = std::mem::take(&mut work.unread);
    let (facts, wasted) = assemble_in_full(&layers, std::mem::take(&mut work.unknowns), &work.limits);
    let mut mislabelled = work.mislabelled.into_inner().unwrap_or_else(PoisonError::into_inner);
    mislabelled.sort();
    mislabelled.dedup();
    let mut trouble = work.cache_trouble.into_inner().unwrap_or_else(PoisonError::into_inner);
    drop(work.progress);
    let noticed = image.bytes.noticed();
    if let (Some(cache), Some(ids)) = (cache, &known)
        && all_read
        && noticed.is_empty()
        && layers.iter().map(|l| l.diff_id).eq(ids.iter().copied())
        && trouble.is_none()
    {
        trouble = cache.store_image(&facts, asked.image_version()).err();
    }
    let mut unknowns = image.unknowns.clone();
    unknowns.extend(noticed);
    unknowns.extend(mislabelled);
    if image.subject.is_none() {
        image.subject = layers.first().map(|layer| Subject::Tree(facts::merkle(layer)));
    }
    (Reading { image, facts, unknowns, unread, cache_trouble: trouble, claims: None }, Detail { layers, wasted })
}

/// Other layers used up what an image may have, so what this one holds is not known.
fn too_much(index: usize, diff_id: Digest) -> Unknown {
    let number = index + 1;
    let why = format!(
        "the image's layers have more than was allowed in all (plain_total, kept_total); nothing in layer {number} was believed"
    );
    Unknown::new(UnknownKind::Limit, why).in_layer(diff_id)
}

/// What stands in the place of a layer of which nothing is known.
fn unread(diff_id: Digest) -> LayerFacts {
    LayerFacts { diff_id, plain_size: 0, entries: Vec::new(), kept: Vec::new(), unknowns: Vec::new() }
}

fn is_closed(layer: &Layer) -> bool {
    matches!(layer.compression, Compression::Unreadable(_))
}

/// Whether facts kept under a layer's diffID are facts about its stored blob. The config only states which diffID a
/// blob has, and anyone can state that of a base everybody knows; so it must have been found in that very blob, unless
/// the blob is the plain stream itself. Where no blob is stated, the config alone says what the image is.
fn is_proven(layer: &Layer, cache: &Cache) -> bool {
    match (&layer.blob, layer.diff_id) {
        (Some(_), Some(_)) if is_bare(layer) => true,
        (Some(blob), Some(id)) => stored::known(layer, cache).is_some_and(|p| p.diff_id == id && p.size == blob.size),
        (None, Some(_)) => true,
        (_, None) => false,
    }
}

/// Whether a plain blob has the size that is promised of it; that of a packed one is known beside its diffID.
fn is_as_long(layer: &Layer, plain_size: u64) -> bool {
    !is_bare(layer) || layer.blob.as_ref().is_some_and(|blob| blob.size == plain_size)
}

/// For each layer, the first that is the same blob with the same promises: an image may list one several times.
fn firsts(layers: &[Layer]) -> Vec<usize> {
    let mut seen: HashMap<(Digest, Digest), usize> = HashMap::new();
    let first = |(at, layer): (usize, &Layer)| match (&layer.blob, layer.diff_id) {
        (Some(blob), Some(id)) => {
            let first = *seen.entry((blob.digest, id)).or_insert(at);
            let same = layers[first].compression == layer.compression
                && layers[first].blob.as_ref().is_some_and(|b| b.size == blob.size);
            if same { first } else { at }
        }
        _ => at,
    };
    layers.iter().enumerate().map(first).collect()
}

struct Work<'a> {
    image: &'a Image,
    cache: Option<&'a Cache>,
    asked: Asked,
    limits: Limits,
    looks: Vec<Look>,
    allowance: AtomicU64,
    /// Bytes that may still be kept of all layers.
    room: AtomicU64,
    progress: Progress,
    unknowns: Vec<Unknown>,
    /// The numbers of the layers that could not be read.
    unread: Vec<usize>,
    /// Layers that were read and are not stored as their media type says.
    mislabelled: Mutex<Vec<Unknown>>,
    cache_trouble: Mutex<Option<CacheError>>,
}

impl<'a> Work<'a> {
    fn new(image: &'a Image, cache: Option<&'a Cache>, asked: Asked) -> Self {
        let stored: u64 = image.layers.iter().filter_map(|l| l.blob.as_ref()).map(|b| b.size).sum();
        // Formats that state no sizes hold plain tars, so there is nothing to inflate.
        let unstated = image.layers.iter().any(|l| l.blob.is_none());
        let allowance = if unstated { u64::MAX } else { TOTAL_FLOOR.max(stored.saturating_mul(TOTAL_RATIO)) };
        Self {
            image,
            cache,
            asked,
            limits: Limits::default(),
            looks: looks_for(asked.long_hashes),
            allowance: AtomicU64::new(allowance),
            room: AtomicU64::new(Limits::default().kept_total),
            progress: Progress::new(asked.watched, stored, &image.target),
            unknowns: Vec::new(),
            unread: Vec::new(),
            mislabelled: Mutex::default(),
            cache_trouble: Mutex::new(None),
        }
    }

    /// The facts of every layer, lowest first. One that could not be read is an empty layer and an unknown.
    fn read_all(&mut self) -> Vec<LayerFacts> {
        let count = self.image.layers.len();
        let slots: Vec<Mutex<Option<Result<LayerFacts, Unknown>>>> = (0..count).map(|_| Mutex::new(None)).collect();
        let firsts = firsts(&self.image.layers);
        // The longest first: the last to finish decides how long all of it takes.
        let mut order: Vec<usize> = (0..count).filter(|&i| firsts[i] == i).collect();
        order.sort_by_key(|&i| std::cmp::Reverse(self.image.layers[i].blob.as_ref().map_or(0, |b| b.size)));
        let next = AtomicUsize::new(0);
        let workers = thread::available_parallelism().map_or(2, usize::from).min(MOST_AT_ONCE).min(order.len());
        let work = || {
            while let Some(&index) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                let read = self.read_one(index);
                *slots[index].lock().unwrap_or_else(PoisonError::into_inner) = Some(read);
            }
        };
        // This thread is one of the workers: what it frees is there for what it assembles afterwards, while the memory of
        // another thread's arena would stand beside it.
        thread::scope(|scope| {
            for _ in 1..workers {
                scope.spawn(work);
            }
            work();
        });
        let mut layers: Vec<LayerFacts> = Vec::with_capacity(count);
        for (index, slot) in slots.into_iter().enumerate() {
            let layer = match layers.get(firsts[index]) {
                Some(first) => self.once_more(index, firsts[index], first),
                None => self.settle(index, slot),
            };
            layers.push(layer);
        }
        layers
    }

    /// The layer that is the same as an earlier one.
    fn once_more(&mut self, index: usize, first: usize, facts: &LayerFacts) -> LayerFacts {
        if self.unread.contains(&first) {
            self.unread.push(index);
        } else if !(layer::charge(facts, &self.allowance) && layer::weigh(facts, &self.room)) {
            self.unknowns.push(too_much(index, facts.diff_id));
            self.unread.push(index);
            return unread(facts.diff_id);
        }
        facts.clone()
    }

    fn settle(&mut self, index: usize, slot: Mutex<Option<Result<LayerFacts, Unknown>>>) -> LayerFacts {
        let bug = || Err(Unknown::new(UnknownKind::Damaged, "the layer was not read"));
        let read = slot.into_inner().unwrap_or_else(PoisonError::into_inner).unwrap_or_else(bug);
        read.unwrap_or_else(|unknown| {
            self.unknowns.push(unknown);
            self.unread.push(index);
            let diff_id = self.image.layers[index].diff_id.unwrap_or_else(|| Digest::of(b""));
            unread(diff_id)
        })
    }

    fn read_one(&self, index: usize) -> Result<LayerFacts, Unknown> {
        let layer = &self.image.layers[index];
        // Even if the cache knows the same bytes from elsewhere: what an image gets told must not hang on what was
        // looked at before.
        if let Compression::Unreadable(unknown) = &layer.compression {
            return Err(unknown.clone());
        }
        let proven = self.cache.filter(|cache| is_proven(layer, cache));
        if let Some(cache) = proven
            && let Some(facts) = layer.diff_id.and_then(|id| cache.layer(&id, self.asked.layer_version()))
            && is_as_long(layer, facts.plain_size)
            && is_intact(self.image, index, cache)
        {
            if !layer::charge(&facts, &self.allowance) {
                return Err(too_much(index, facts.diff_id));
            }
            self.progress.add(layer.blob.as_ref().map_or(0, |b| b.size));
            if let Some(packed) = stored::known(layer, cache).filter(|_| !is_bare(layer)) {
                self.note(layer, packed.encoding);
            }
            return self.fitting(index, facts);
        }
        // Told before the layer is read, so that whatever changes the file from here on is noticed the next time.
        let place = self.image.bytes.stored(index);
        let closed = |doing: &str, e: &dyn std::fmt::Display| {
            let unknown = Unknown::new(UnknownKind::Damaged, format!("layer {} cannot be {doing}: {e}", index + 1));
            layer.diff_id.map_or(unknown.clone(), |id| unknown.in_layer(id))
        };
        let stream = self.image.bytes.open(index).map_err(|e| closed("opened", &e))?;
        let stated = stored::stated(layer).unwrap_or(Encoding::Sniff);
        let (encoding, stream) = stored::found(stream, layer, stated).map_err(|e| closed("read", &e))?;
        let promise = Promise { blob: layer.blob.as_ref().map(|b| (b.digest, b.size)), diff_id: layer.diff_id };
        let means = Means {
            limits: &self.limits,
            looks: &self.looks,
            spool: &tempfile::tempfile,
            allowance: &self.allowance,
            progress: &|bytes| self.progress.add(bytes),
        };
        let facts = layer::read(stream, encoding, &promise, &means)?;
        self.note(layer, encoding);
        self.remember(layer, &facts, encoding);
        if let (Some(cache), Stored::Here(witness)) = (self.cache, place) {
            remember(witness, layer, cache);
        }
        self.fitting(index, facts)
    }

    /// The facts of a layer, if what it keeps in memory still fits beside the others.
    fn fitting(&self, index: usize, facts: LayerFacts) -> Result<LayerFacts, Unknown> {
        if layer::weigh(&facts, &self.room) { Ok(facts) } else { Err(too_much(index, facts.diff_id)) }
    }

    /// Notes that the layer is not stored as is stated of it.
    fn note(&self, layer: &Layer, found: Encoding) {
        let mut all = self.mislabelled.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend(stored::mislabelled(layer, found));
    }

    /// Only what was verified against a diffID is worth keeping: a root filesystem has none.
    fn remember(&self, layer: &Layer, facts: &LayerFacts, encoding: Encoding) {
        let (Some(cache), Some(diff_id)) = (self.cache, layer.diff_id) else { return };
        let packed = layer.blob.as_ref().filter(|_| !is_bare(layer));
        let stored = cache.store_layer(facts, self.asked.layer_version()).and_then(|()| {
            packed
                .map_or(Ok(()), |blob| cache.store_packed(&blob.digest, Packed { diff_id, size: blob.size, encoding }))
        });
        if let Err(error) = stored {
            self.cache_trouble.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
    }
}
