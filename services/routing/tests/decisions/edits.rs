//! Edits of any field of any row of any table, as anybody with a database client can make them.

use proptest::{prelude::*, sample::Index};
use routing::{
    TableName,
    tables::{Number, Tables},
};
use serde_json::{Map, Value};

use crate::common::article;

/// The article's tables, with rows in every table.
pub(crate) fn tables() -> Value {
    let mut tables = article();
    let text = r#"
        customers = [{ id = 1, number = "442038070123", extension_id = 1 }]
        node_tokens = [{ id = 1, server_id = 1, token_sha256 = "d69530cd89543644aec5a8e164b1c42dc852845d80271280e1339cc77e4945c2" }]
        api_tokens = [{ id = 1, role = "operator", token_sha256 = "e69530cd89543644aec5a8e164b1c42dc852845d80271280e1339cc77e4945c2" }]
    "#;
    let more: Tables = toml::from_str(text).unwrap();
    tables.customers = more.customers;
    tables.customers[0].extension_id = tables.extensions[0].id;
    tables.node_tokens = more.node_tokens;
    tables.node_tokens[0].server_id = tables.servers[0].id;
    tables.api_tokens = more.api_tokens;
    named(&mut tables);
    let answered: Vec<_> = tables.number_destinations.iter().map(|row| row.number_id).collect();
    let of_westcall = |row: &&Number| row.provider_id.0 == 7 && row.server_id == Some(tables.servers[0].id);
    let free = tables.numbers.iter().filter(of_westcall).find(|row| !answered.contains(&row.id)).unwrap();
    let queue = format!(
        "number_destinations = [{{ id = 900, number_id = {}, context = \"queues\", exten = \"sales\" }}]",
        free.id
    );
    tables.number_destinations.extend(toml::from_str::<Tables>(&queue).unwrap().number_destinations);
    serde_json::to_value(tables).unwrap()
}

/// An address that only its name is known of, and what that stands for; valid for a time.
fn named(tables: &mut Tables) {
    let text = r#"
        provider_addresses = [{ id = 900, provider_id = 7, domainname = "sip.example.net", direction = "IN/OUT", proto = "SIP",
            transport = "UDP", port = 5060, port_to = 5061, valid_from = "2026-11-21T20:00:00Z",
            valid_to = "2026-11-21T22:00:00Z", source = "mail", comment = "" }]
        resolved_addresses = [{ id = 1, provider_address_id = 900, network = "192.0.2.77", port = 5062 }]
    "#;
    let more: Tables = toml::from_str(text).unwrap();
    tables.provider_addresses.extend(more.provider_addresses);
    tables.resolved_addresses = more.resolved_addresses;
}

#[derive(Clone, Debug)]
pub(crate) enum Edit {
    /// A field gets the value another row of the table has there.
    Copy {
        table: usize,
        row: Index,
        from: Index,
        field: Index,
    },
    /// A field gets a value of its own: another number, the other truth, nothing.
    Set {
        table: usize,
        row: Index,
        field: Index,
        value: i64,
    },
    /// A row like another, with a key of its own.
    Insert {
        table: usize,
        like: Index,
        key: i64,
    },
    Remove {
        table: usize,
        row: Index,
    },
}

pub(crate) fn edit() -> impl Strategy<Value = Edit> {
    let (table, index) = (0..TableName::ALL.len(), any::<Index>);
    prop_oneof![
        4 => (table.clone(), index(), index(), index())
            .prop_map(|(table, row, from, field)| Edit::Copy { table, row, from, field }),
        4 => (table.clone(), index(), index(), prop_oneof![0i64..20, 500i64..520])
            .prop_map(|(table, row, field, value)| Edit::Set { table, row, field, value }),
        4 => (table.clone(), index(), prop_oneof![0i64..2100, any::<i64>()])
            .prop_map(|(table, like, key)| Edit::Insert { table, like, key }),
        1 => (table, index()).prop_map(|(table, row)| Edit::Remove { table, row }),
    ]
}

impl Edit {
    /// The tables after the edit; as they were where that would make no well-formed row.
    pub(crate) fn apply(&self, tables: &Value) -> Value {
        let mut edited = tables.clone();
        let done = self.try_apply(&mut edited).is_some();
        let legal = serde_json::from_value::<Tables>(edited.clone()).is_ok();
        if done && legal { edited } else { tables.clone() }
    }

    fn try_apply(&self, tables: &mut Value) -> Option<()> {
        let (Self::Copy { table, .. }
        | Self::Set { table, .. }
        | Self::Insert { table, .. }
        | Self::Remove { table, .. }) = self;
        let rows = tables.get_mut(TableName::ALL[*table].as_str())?.as_array_mut()?;
        if rows.is_empty() {
            return None;
        }
        let length = rows.len();
        match self {
            Self::Copy { row, from, field, .. } => {
                let from = rows[from.index(length)].as_object()?.clone();
                let row = rows[row.index(length)].as_object_mut()?;
                let field = picked(row, *field);
                row.insert(field.clone(), from.get(&field)?.clone());
            }
            Self::Set { row, field, value, .. } => {
                let row = rows[row.index(length)].as_object_mut()?;
                let field = picked(row, *field);
                let old = row.get(&field)?;
                let new = other(old, *value);
                row.insert(field, new);
            }
            Self::Insert { like, key, .. } => {
                let mut row = rows[like.index(length)].as_object()?.clone();
                if rows.iter().any(|row| row["id"] == *key) {
                    return None;
                }
                row.insert("id".into(), (*key).into());
                rows.push(Value::Object(row));
            }
            Self::Remove { row, .. } => {
                rows.remove(row.index(length));
            }
        }
        Some(())
    }
}

/// Any field but the key.
fn picked(row: &Map<String, Value>, field: Index) -> String {
    let fields: Vec<_> = row.keys().filter(|field| *field != "id").collect();
    (*field.get(&fields)).clone()
}

fn other(old: &Value, value: i64) -> Value {
    match old {
        Value::Bool(old) => (!old).into(),
        Value::Number(_) | Value::Null if value % 4 != 0 => value.into(),
        Value::String(old) if value % 2 != 0 => format!("{old}{value}").into(),
        _ => Value::Null,
    }
}
