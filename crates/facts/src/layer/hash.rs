//! SHA-256 of the plain stream and of the file that passes in it, both at once
//! (FIPS 180-4, <https://doi.org/10.6028/NIST.FIPS.180-4>).
//!
//! A file's content begins at a multiple of 512 bytes of the stream, so both hashes take the same blocks of 64
//! bytes, and differ only in the state before them. What a block is expanded to can be shared, and the rounds of
//! the two do not wait for each other: two hashes cost hardly more than one. That needs the processor's own SHA
//! instructions; without them each is hashed for itself, by `sha2`. It makes no choice of algorithm: a stream that
//! was promised in SHA-512 is hashed by [`model::Hasher`].

use sha2::block_api::compress256;

const BLOCK: usize = 64;
/// The state before any content (FIPS 180-4, 5.3.3).
const START: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// A running SHA-256.
#[derive(Clone)]
pub(super) struct Running {
    state: [u32; 8],
    /// The first `held` bytes are of a block that is not yet whole.
    tail: [u8; BLOCK],
    held: usize,
    length: u64,
}

impl Running {
    pub(super) fn new() -> Self {
        Self { state: START, tail: [0; BLOCK], held: 0, length: 0 }
    }

    /// Takes in more content.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        let bytes = self.fill_tail(bytes);
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        if !blocks.is_empty() {
            compress256(&mut self.state, blocks);
        }
        self.hold(rest);
    }

    /// Takes in the same content in two hashes, each wherever it stands.
    pub(super) fn update_both(&mut self, other: &mut Self, bytes: &[u8]) {
        if self.held != 0 || other.held != 0 {
            self.update(bytes);
            other.update(bytes);
            return;
        }
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        for hash in [&mut *self, &mut *other] {
            hash.length += (blocks.len() * BLOCK) as u64;
            if !rest.is_empty() {
                hash.tail[..rest.len()].copy_from_slice(rest);
                hash.held = rest.len();
                hash.length += rest.len() as u64;
            }
        }
        compress_both(&mut self.state, &mut other.state, blocks);
    }

    /// The hash of all content taken in.
    pub(super) fn finish(mut self) -> [u8; 32] {
        let bits = self.length.wrapping_mul(8);
        let zeros = (2 * BLOCK - 9 - self.held) % BLOCK;
        let mut end = [0; 2 * BLOCK];
        end[0] = 0x80;
        end[1 + zeros..9 + zeros].copy_from_slice(&bits.to_be_bytes());
        self.update(&end[..9 + zeros]);
        let mut out = [0; 32];
        for (bytes, word) in out.as_chunks_mut::<4>().0.iter_mut().zip(self.state) {
            *bytes = word.to_be_bytes();
        }
        out
    }

    /// Completes a block that was begun; what is left of `bytes` begins a new one.
    fn fill_tail<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        self.length = self.length.wrapping_add(bytes.len() as u64);
        if self.held == 0 {
            return bytes;
        }
        let (first, rest) = bytes.split_at(bytes.len().min(BLOCK - self.held));
        self.tail[self.held..self.held + first.len()].copy_from_slice(first);
        self.held += first.len();
        if self.held == BLOCK {
            compress256(&mut self.state, &[self.tail]);
            self.held = 0;
        }
        rest
    }

    fn hold(&mut self, rest: &[u8]) {
        if !rest.is_empty() {
            self.tail[..rest.len()].copy_from_slice(rest);
            self.held = rest.len();
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn compress_both(one: &mut [u32; 8], two: &mut [u32; 8], blocks: &[[u8; BLOCK]]) {
    let detected = std::arch::is_x86_feature_detected!("sha")
        && std::arch::is_x86_feature_detected!("ssse3")
        && std::arch::is_x86_feature_detected!("sse4.1");
    if detected {
        #[expect(unsafe_code, reason = "the one call into code for processors with these instructions")]
        // SAFETY: the processor has them; the function itself is safe code.
        unsafe {
            x86::compress_both(one, two, blocks);
        }
    } else {
        compress256(one, blocks);
        compress256(two, blocks);
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn compress_both(one: &mut [u32; 8], two: &mut [u32; 8], blocks: &[[u8; BLOCK]]) {
    compress256(one, blocks);
    compress256(two, blocks);
}

/// The instructions and the order of the words in their registers are Intel's
/// (<https://www.intel.com/content/www/us/en/developer/articles/technical/intel-sha-extensions.html>).
#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::BLOCK;
    use std::arch::x86_64::*;

    /// FIPS 180-4, 4.2.2.
    #[rustfmt::skip]
    const K: [u32; 64] = [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];

    /// A state's words as the instructions want them: A, B, E, F and C, D, G, H.
    #[derive(Clone, Copy)]
    struct State(__m128i, __m128i);

    #[target_feature(enable = "sha,ssse3,sse4.1")]
    pub(super) fn compress_both(one: &mut [u32; 8], two: &mut [u32; 8], blocks: &[[u8; BLOCK]]) {
        let (mut a, mut b) = (load(one), load(two));
        for block in blocks {
            let before = (a, b);
            let mut words = expand_first(block);
            for quarter in 0..16 {
                if quarter >= 4 {
                    expand(&mut words, quarter % 4);
                }
                let k = &K[4 * quarter..4 * quarter + 4];
                let k = _mm_set_epi32(k[3] as i32, k[2] as i32, k[1] as i32, k[0] as i32);
                let low = _mm_add_epi32(words[quarter % 4], k);
                let high = _mm_shuffle_epi32::<0x0e>(low);
                a.1 = _mm_sha256rnds2_epu32(a.1, a.0, low);
                b.1 = _mm_sha256rnds2_epu32(b.1, b.0, low);
                a.0 = _mm_sha256rnds2_epu32(a.0, a.1, high);
                b.0 = _mm_sha256rnds2_epu32(b.0, b.1, high);
            }
            a = add(a, before.0);
            b = add(b, before.1);
        }
        *one = store(a);
        *two = store(b);
    }

    /// The next four words of the schedule, in place of the four that are no longer needed.
    #[target_feature(enable = "sha,ssse3,sse4.1")]
    fn expand(words: &mut [__m128i; 4], at: usize) {
        let [w0, w1, w2, w3] = [words[at], words[(at + 1) % 4], words[(at + 2) % 4], words[(at + 3) % 4]];
        let sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8::<4>(w3, w2));
        words[at] = _mm_sha256msg2_epu32(sum, w3);
    }

    #[target_feature(enable = "sha,ssse3,sse4.1")]
    fn expand_first(block: &[u8; BLOCK]) -> [__m128i; 4] {
        let big_endian = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
        let halves = block.as_chunks::<8>().0;
        let word = |at: usize| i64::from_le_bytes(halves[at]);
        std::array::from_fn(|i| _mm_shuffle_epi8(_mm_set_epi64x(word(2 * i + 1), word(2 * i)), big_endian))
    }

    #[target_feature(enable = "sha,ssse3,sse4.1")]
    fn add(one: State, two: State) -> State {
        State(_mm_add_epi32(one.0, two.0), _mm_add_epi32(one.1, two.1))
    }

    #[target_feature(enable = "sha,ssse3,sse4.1")]
    fn load(state: &[u32; 8]) -> State {
        let [a, b, c, d, e, f, g, h] = state.map(u32::cast_signed);
        State(_mm_set_epi32(a, b, e, f), _mm_set_epi32(c, d, g, h))
    }

    #[target_feature(enable = "sha,ssse3,sse4.1")]
    fn store(state: State) -> [u32; 8] {
        let words = |v: __m128i| {
            [_mm_extract_epi32::<3>(v), _mm_extract_epi32::<2>(v), _mm_extract_epi32::<1>(v), _mm_extract_epi32::<0>(v)]
                .map(i32::cast_unsigned)
        };
        let ([a, b, e, f], [c, d, g, h]) = (words(state.0), words(state.1));
        [a, b, c, d, e, f, g, h]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::Digest as _;

    fn content(length: usize) -> Vec<u8> {
        (0..length).map(|i| (i * 131 + i / 251) as u8).collect()
    }

    fn reference(bytes: &[u8]) -> [u8; 32] {
        sha2::Sha256::digest(bytes).into()
    }

    /// `before` bytes in the one hash only, then `shared` in both, in pieces; then `after` in the one only.
    fn check(before: usize, shared: usize, after: usize, piece: usize) {
        let bytes = content(before + shared + after);
        let (mut stream, mut file) = (Running::new(), Running::new());
        stream.update(&bytes[..before]);
        bytes[before..before + shared].chunks(piece).for_each(|p| stream.update_both(&mut file, p));
        stream.update(&bytes[before + shared..]);
        let found = (stream.finish(), file.finish());
        let expected = (reference(&bytes), reference(&bytes[before..before + shared]));
        assert_eq!(found, expected, "{before} {shared} {after} {piece}");
    }

    #[test]
    fn both_hashes_are_what_sha2_says() {
        for before in [0, 1, 63, 64, 512, 1000] {
            for shared in [0, 1, 55, 56, 63, 64, 65, 119, 127, 128, 129, 512, 5000] {
                for (after, piece) in [(0, 64), (512, 4096), (1, 7), (63, 192), (100, 1 << 20)] {
                    check(before, shared, after, piece);
                }
            }
        }
    }

    /// The standard's own examples.
    #[test]
    fn published_vectors() {
        let check = |text: &[u8], expected: &str| {
            let mut hash = Running::new();
            hash.update(text);
            assert_eq!(model::Digest::from_sha256(hash.finish()).hex(), expected);
        };
        check(b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        check(b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let two_blocks = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
        check(two_blocks, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    }
}
