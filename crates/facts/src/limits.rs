//! Every limit that stands between a hostile image and this machine, by name.
//!
//! A limit that is hit never fails the program: what lies beyond it becomes a blocking [`model::Unknown`]
//! that names the limit and its value.

/// The limits of one reading. `Default` reads any real image we know of, and any hostile one of 10 MB within
/// seconds and half a gigabyte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Plain bytes of one layer for each stored byte, once `plain_floor` is passed.
    pub inflate_ratio: u64,
    /// Plain bytes of one layer that are read whatever the ratio.
    pub plain_floor: u64,
    /// Entries of one layer.
    pub entries: usize,
    /// Bytes of all names (paths and link targets) of one layer.
    pub name_bytes: u64,
    /// Bytes of one path.
    pub path_bytes: usize,
    /// Components of one path.
    pub path_depth: usize,
    /// Bytes of one extended header (PAX records, GNU long names).
    pub extension_bytes: u64,
    /// Bytes of holes in the sparse files of one layer.
    pub sparse_bytes: u64,
    /// Symbolic links followed for one path.
    pub links_followed: usize,
    /// Names read from link targets while all paths of one image are resolved: links can fan out, so that a few
    /// of them cost each path thousands of steps.
    pub link_steps: u64,
    /// Files and folders of the squashed tree, those that no entry names included.
    pub tree_nodes: usize,
    /// Bytes of one file that is kept whole.
    pub kept_file_bytes: u64,
    /// Bytes kept of one layer.
    pub kept_bytes: u64,
    /// Bytes that are kept of all layers of an image together, what is told of gaps among them.
    pub kept_total: u64,
    /// Bytes of one file that is opened for random access while it streams by.
    pub opened_file_bytes: u64,
    /// Up to here an opened file stays in memory; beyond, it goes to an unlinked temporary file.
    pub opened_memory_bytes: u64,
    /// Archives within archives within archives.
    pub nesting: usize,
    /// Members of one archive, nested ones included.
    pub members: usize,
    /// Packages of one image.
    pub packages: usize,
    /// Dependencies between the packages of one image.
    pub edges: usize,
    /// Layers of one image.
    pub layers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: u64 = 1 << 20;
        Self {
            inflate_ratio: 100,
            plain_floor: 512 * MIB,
            entries: 1_000_000,
            name_bytes: 64 * MIB,
            path_bytes: 4096,
            path_depth: 256,
            extension_bytes: MIB,
            sparse_bytes: 2048 * MIB,
            links_followed: 40,
            link_steps: 32_000_000,
            tree_nodes: 1_200_000,
            kept_file_bytes: 48 * MIB,
            kept_bytes: 128 * MIB,
            kept_total: 256 * MIB,
            opened_file_bytes: 2048 * MIB,
            opened_memory_bytes: 4 * MIB,
            nesting: 4,
            members: 200_000,
            packages: 100_000,
            edges: 250_000,
            layers: 1000,
        }
    }
}
