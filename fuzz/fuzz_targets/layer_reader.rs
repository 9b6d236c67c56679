//! A stored layer in any encoding, squashed and read by every reader.

#![no_main]

use facts::assemble;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(layer) = fuzz::read_layer(data) {
        let again = fuzz::read_layer(data);
        assert_eq!(again.as_ref(), Ok(&layer));
        let facts = assemble(&[layer.clone(), layer], Vec::new(), &fuzz::limits());
        assert!(facts.unknowns.iter().all(|u| !u.to_string().contains(char::is_control)));
    }
});
