//! A tar stream: the walk ends, and content is as long as its header says.

#![no_main]

use facts::Limits;
use facts::tar::Walker;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut walker = Walker::new(data, &fuzz::limits());
    while let Ok(Some(header)) = walker.next_entry() {
        if header.size > Limits::default().extension_bytes {
            continue;
        }
        let mut head = [0; 64];
        let Ok(mut count) = walker.head(&mut head) else { return };
        if walker.content(|piece| count += piece.len()).is_err() {
            return;
        }
        assert_eq!(count as u64, header.size, "{header:?}");
    }
});
