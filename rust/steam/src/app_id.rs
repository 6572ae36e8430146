//! App IDs in the texts where games put them.

/// The app ID that a text is, without what is around it; `None` for any other text, and for 0.
pub fn in_text(text: &str) -> Option<u32> {
    text.trim().parse().ok().filter(|app_id| *app_id != 0)
}

/// The first number that a line begins with, as editors leave the file: with a byte order mark, in UTF-16, with comments.
pub fn in_file(bytes: &[u8]) -> Option<u32> {
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => {
            let units: Vec<u16> = rest
                .chunks_exact(2)
                .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
                .collect();
            String::from_utf16_lossy(&units)
        }
        _ => String::from_utf8_lossy(bytes).into_owned(),
    };
    text.trim_start_matches('\u{feff}')
        .lines()
        .find_map(|line| {
            let line = line.trim();
            let end = line.find(|c: char| !c.is_ascii_digit());
            let (digits, rest) = line.split_at(end.unwrap_or(line.len()));
            let ends_there = !rest.starts_with(|c: char| c.is_alphanumeric());
            in_text(digits).filter(|_| ends_there)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read_as_editors_leave_it() {
        for text in [
            "480",
            "480\r\n",
            "\u{feff}480\n",
            "480 // the game",
            "# Spacewar\n480\n",
            "// 2024\n\n  480\t; Spacewar",
            "480\0",
        ] {
            assert_eq!(in_file(text.as_bytes()), Some(480), "{text:?}");
        }
        let utf_16: Vec<u8> = "\u{feff}480\r\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(in_file(&utf_16), Some(480));
        for none in ["", "\u{feff}", "0", "x480", "480x", "99999999999", "# 480"] {
            assert_eq!(in_file(none.as_bytes()), None, "{none:?}");
        }
        assert_eq!(in_file(&[0xff, 0xfe, 0x34]), None);
    }
}
