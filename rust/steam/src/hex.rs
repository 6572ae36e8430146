//! Bytes as hexadecimal text, for the files and DNS records that hold keys.

/// Two lower-case digits a byte.
pub(crate) fn encode(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes in `text`; `None` unless it is an even number of hexadecimal digits.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    digits
        .chunks_exact(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_survive_and_other_text_is_refused() {
        assert_eq!(
            decode(&encode(&[0, 1, 0xab, 255])),
            Some(vec![0, 1, 0xab, 255])
        );
        assert_eq!(decode(""), Some(Vec::new()));
        for bad in ["0", "0g", "+1", "é", "0 "] {
            assert_eq!(decode(bad), None);
        }
    }
}
