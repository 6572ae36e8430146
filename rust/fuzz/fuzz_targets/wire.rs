//! Every decoder of `net`, on its own: what they accept must survive being encoded again.

#![no_main]

use bytes::{Bytes, BytesMut};
use libfuzzer_sys::fuzz_target;
use samovar_net::Control;
use samovar_net::wire::{
    Datagram, MAX_CONTROL, MAX_STREAM_MESSAGE, Probe, Signal, StreamHeader, Unframer, frame,
};

fuzz_target!(|input: &[u8]| {
    let Some((kind, data)) = input.split_first() else {
        return;
    };
    match kind % 6 {
        0 => {
            let _ = Signal::unseal(data);
        }
        1 => {
            if let Some(probe) = Probe::parse(data) {
                let secret = [7; 32];
                let sealed = probe.seal(&secret);
                let again = Probe::parse(&sealed).expect("what was sealed is a probe");
                assert!(again.is_proved_by(&sealed, &secret));
            }
        }
        2 => {
            let mut rest = Bytes::copy_from_slice(data);
            let mut lane = None;
            while !rest.is_empty() {
                let before = rest.len();
                if Datagram::take(&mut rest, &mut lane).is_none() {
                    break;
                }
                assert!(rest.len() < before);
            }
        }
        3 => {
            // However the stream is cut, the same frames come out of it.
            let cut = data.first().map_or(1, |first| usize::from(*first).max(1));
            let mut whole = Unframer::default();
            whole.push(data);
            let mut pieces = Unframer::default();
            let mut frames = Vec::new();
            for piece in data.chunks(cut) {
                pieces.push(piece);
                while let Ok(Some(frame)) = pieces.next(MAX_STREAM_MESSAGE) {
                    frames.push(frame);
                }
            }
            for expected in frames {
                assert_eq!(whole.next(MAX_STREAM_MESSAGE), Ok(Some(expected)));
            }
        }
        4 => {
            if let Ok((header, [])) = postcard::take_from_bytes::<StreamHeader>(data) {
                let bytes = postcard::to_stdvec(&header).expect("a header has a size");
                assert!(bytes.len() <= MAX_CONTROL);
                let mut framed = BytesMut::new();
                frame(&bytes, &mut framed);
            }
        }
        _ => {
            if let Ok((control, [])) = postcard::take_from_bytes::<Control>(data) {
                let bytes = postcard::to_stdvec(&control).expect("a control frame has a size");
                assert!(bytes.len() <= MAX_CONTROL);
                assert_eq!(postcard::from_bytes::<Control>(&bytes), Ok(control));
            }
        }
    }
});
