//! What Asterisk makes of a command, after its `res_agi.c`, `func_strings.c` and `app.c`.

use std::{borrow::Cow, collections::BTreeMap};

/// The variables of a channel, and the functions of it that are variables underneath.
#[derive(Debug, Default)]
pub(crate) struct Channel {
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) hashes: BTreeMap<(String, String), String>,
}

impl Channel {
    /// Does one line, and says what Asterisk says.
    pub(crate) fn command(&mut self, line: &str) -> Cow<'static, str> {
        assert!(line.len() < 2_000, "{} bytes: 16 would cut this line", line.len());
        assert!(!line.contains(['\r', '\n', '\0']), "{line:?}");
        match words(line).as_slice() {
            [set, variable, name, value] if set == "SET" && variable == "VARIABLE" => {
                self.set(name, value);
                "200 result=1\n".into()
            }
            [get, variable, name] if get == "GET" && variable == "VARIABLE" => match self.variables.get(name)
            {
                Some(value) => format!("200 result=1 ({value})\n").into(),
                None => "200 result=0\n".into(),
            },
            _ => "510 Invalid or unknown command\n".into(),
        }
    }

    fn set(&mut self, name: &str, value: &str) {
        let function = name.strip_prefix("HASH(").and_then(|name| name.strip_suffix(')'));
        match function.map(|arguments| arguments.split_once(',').ok_or(arguments)) {
            None => {
                self.variables.insert(name.into(), value.into());
            }
            Some(Ok((hash, key))) => {
                self.hashes.insert((hash.into(), key.into()), value.into());
            }
            Some(Err(hash)) => {
                let values = items(value);
                for (position, key) in items(&self.variables["~ODBCFIELDS~"]).into_iter().enumerate() {
                    let value = values.get(position).cloned().unwrap_or_default();
                    self.hashes.insert((hash.into(), key), value);
                }
            }
        }
    }

    pub(crate) fn hash(&self, name: &str) -> BTreeMap<String, String> {
        let own = self.hashes.iter().filter(|((hash, _), _)| hash == name);
        own.map(|((_, key), value)| (key.clone(), value.clone())).collect()
    }
}

/// `parse_args`: words between blanks; a backslash takes the next character as it is; quotes keep blanks.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut quoted, mut escaped, mut between) = (Vec::<String>::new(), false, false, true);
    for character in line.chars() {
        match character {
            '"' if !escaped => {
                quoted = !quoted;
                if quoted && between {
                    words.push(String::new());
                    between = false;
                }
            }
            ' ' | '\t' if !quoted && !escaped => between = true,
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            _ => {
                if between {
                    words.push(String::new());
                    between = false;
                }
                words.last_mut().unwrap().push(character);
            }
        }
        escaped = false;
    }
    words
}

/// `ast_app_separate_args` at commas, with a place for 100.
fn items(list: &str) -> Vec<String> {
    let (mut items, mut depth, mut squares, mut quoted) = (Vec::new(), 0usize, 0usize, false);
    let mut item = String::new();
    let mut rest = list.chars();
    while let Some(character) = rest.next() {
        match character {
            '"' => quoted = !quoted,
            '\\' => item.extend(rest.next()),
            ',' if depth == 0 && squares == 0 && !quoted && items.len() < 99 => {
                items.push(std::mem::take(&mut item));
            }
            _ => {
                match character {
                    '(' => depth += 1,
                    ')' => depth = depth.saturating_sub(1),
                    '[' => squares += 1,
                    ']' => squares = squares.saturating_sub(1),
                    _ => {}
                }
                item.push(character);
            }
        }
    }
    // A comma at the very end begins nothing.
    if !item.is_empty() {
        items.push(item);
    }
    items
}
