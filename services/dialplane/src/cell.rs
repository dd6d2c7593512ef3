//! `column=value` on the command line, and rows made of such cells.

use std::str::FromStr;

use routing::{TableName, for_every_table, tables};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// One cell as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    column: String,
    text: String,
}

impl FromStr for Cell {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (column, text) = text.split_once('=').ok_or("a cell is written column=value")?;
        Ok(Self { column: column.to_owned(), text: text.to_owned() })
    }
}

impl Cell {
    pub(crate) fn column(&self) -> &str {
        &self.column
    }
}

/// Why typed cells make no row.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CellError {
    #[error("{table} has no column `{column}`; its columns are {known}")]
    NoSuchColumn { table: TableName, column: String, known: String },
    #[error("{table}.{column}: {rule}")]
    Impossible { table: TableName, column: String, rule: String },
}

/// The row with these cells in place of its own. Every cell is of its column's type, or it is named.
pub(crate) fn row_with(
    table: TableName,
    mut row: Map<String, Value>,
    cells: &[Cell],
) -> Result<Map<String, Value>, CellError> {
    for cell in cells {
        row.insert(cell.column.clone(), Value::Null);
    }
    // A column's type is known to the row only, so each cell is what fits first: nothing, a flag or number, a text.
    let mut guesses = vec![0; cells.len()];
    loop {
        for (cell, guess) in cells.iter().zip(&guesses) {
            row.insert(cell.column.clone(), cell.readings()[*guess].clone());
        }
        let refused = match typed_row(table, &row) {
            Ok(typed) => return only_known(table, typed, cells),
            Err(refused) => refused,
        };
        let blamed = cells.iter().position(|cell| cell.column == refused.0);
        let Some(at) = blamed.filter(|&at| guesses[at] + 1 < cells[at].readings().len()) else {
            let (column, rule) = refused;
            return Err(CellError::Impossible { table, column, rule });
        };
        guesses[at] += 1;
    }
}

impl Cell {
    fn readings(&self) -> Vec<Value> {
        let text = Value::String(self.text.clone());
        match serde_json::from_str::<Value>(&self.text) {
            _ if self.text.is_empty() => vec![Value::Null, text],
            Ok(plain @ (Value::Bool(_) | Value::Number(_))) => vec![plain, text],
            _ => vec![text],
        }
    }
}

fn only_known(
    table: TableName,
    row: Map<String, Value>,
    cells: &[Cell],
) -> Result<Map<String, Value>, CellError> {
    match cells.iter().find(|cell| !row.contains_key(&cell.column)) {
        Some(stranger) => {
            let known = row.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            Err(CellError::NoSuchColumn { table, column: stranger.column.clone(), known })
        }
        None => Ok(row),
    }
}

macro_rules! typed_rows {
    ($($row:ident in $table:ident),+ $(,)?) => {
        /// The row as its table's type has it: complete, in the order of the columns; or the column to blame.
        fn typed_row(
            table: TableName,
            row: &Map<String, Value>,
        ) -> Result<Map<String, Value>, (String, String)> {
            match table {
                $(TableName::$row => typed::<tables::$row>(row),)+
            }
        }
    };
}

for_every_table!(typed_rows);

fn typed<R: Serialize + DeserializeOwned>(
    row: &Map<String, Value>,
) -> Result<Map<String, Value>, (String, String)> {
    let read: R = serde_path_to_error::deserialize(Value::Object(row.clone()))
        .map_err(|error| (error.path().to_string(), error.inner().to_string()))?;
    match serde_json::to_value(&read) {
        Ok(Value::Object(row)) => Ok(row),
        _ => Err(("row".to_owned(), "is no object".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(row: &Value, cells: &[&str]) -> Result<Value, CellError> {
        let cells: Vec<Cell> = cells.iter().map(|cell| cell.parse().unwrap()).collect();
        row_with(TableName::Number, row.as_object().unwrap().clone(), &cells).map(Value::Object)
    }

    fn number() -> Value {
        serde_json::json!({
            "id": 1, "number": "12025550100", "provider_id": 1, "server_id": 2, "enabled": true,
            "direction": "IN", "virtualflag": false, "echotest": false,
        })
    }

    #[test]
    fn cells_take_the_type_of_their_column() {
        let row = set(&number(), &["enabled=false", "number=12025550101", "server_id="]).unwrap();
        assert_eq!(row["enabled"], false);
        assert_eq!(row["number"], "12025550101");
        assert_eq!(row["server_id"], Value::Null);
    }

    #[test]
    fn what_fits_no_column_is_named() {
        let error = set(&number(), &["direction=sideways"]).unwrap_err().to_string();
        assert!(error.starts_with("numbers.direction: "), "{error}");
        let error = set(&number(), &["enabeld=false"]).unwrap_err().to_string();
        assert!(
            error.contains("no column `enabeld`; its columns are ") && error.contains("echotest"),
            "{error}"
        );
        assert!("enabled".parse::<Cell>().is_err());
    }
}
