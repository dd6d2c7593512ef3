use std::process::ExitCode;

use routing::TableName;
use runtime::Config;
use serde_json::{Map, Value};
use store::{Edit, Store, StoreError};

use super::{live, open};
use crate::{
    answer,
    cell::{Cell, row_with},
    cli::Rows,
    failure::{DONE, Failure, negative},
};

/// Rows asked for at once.
const PAGE: u32 = 1000;

pub(crate) async fn run(config: &Config, command: Rows) -> Result<ExitCode, Failure> {
    let store = open(config).await?;
    let (change, about) = match command {
        Rows::List { table, json } => return list(&store, table, json).await,
        Rows::Add { table, cells, about } => (added(table, &cells)?, about),
        Rows::Set { table, id, cells, about } => match changed(&store, table, id, &cells).await? {
            Some(change) => (change, about),
            None => return Ok(no_such(table, id)),
        },
        Rows::Remove { table, id, about } => (Edit::Remove { table, key: id }, about),
    };
    match about.sign(&store).edit(&change).await {
        Ok(key) => println!("{} {key} {}", table_of(&change), verb(&change)),
        Err(StoreError::NoSuch { .. }) => {
            if let Edit::Remove { table, key } = change {
                return Ok(no_such(table, key));
            }
        }
        Err(error) => return Err(error.into()),
    }
    live::after_edit(config, &store, &about).await
}

fn no_such(table: TableName, id: i64) -> ExitCode {
    println!("there is no {id} in {table}");
    negative()
}

fn table_of(change: &Edit) -> TableName {
    match change {
        Edit::Insert { table, .. } | Edit::Update { table, .. } | Edit::Remove { table, .. } => *table,
    }
}

fn verb(change: &Edit) -> &'static str {
    match change {
        Edit::Insert { .. } => "added",
        Edit::Update { .. } => "changed",
        Edit::Remove { .. } => "removed",
    }
}

/// A row without a key of its own gets one from the database; the row type wants one all the same.
fn added(table: TableName, cells: &[Cell]) -> Result<Edit, Failure> {
    let keyed = cells.iter().any(|cell| cell.column() == "id");
    let mut row = Map::new();
    if !keyed {
        row.insert("id".to_owned(), Value::from(1));
    }
    let mut cells = row_with(table, row, cells).map_err(Failure::usage)?;
    if !keyed {
        cells.remove("id");
    }
    Ok(Edit::Insert { table, cells })
}

async fn changed(store: &Store, table: TableName, key: i64, cells: &[Cell]) -> Result<Option<Edit>, Failure> {
    let Some(row) = store.row(table, key).await? else { return Ok(None) };
    let mut typed = row_with(table, row, cells).map_err(Failure::usage)?;
    // Only what was typed is written: somebody else may be at the other cells.
    typed.retain(|column, _| cells.iter().any(|cell| cell.column() == column));
    Ok(Some(Edit::Update { table, key, cells: typed }))
}

async fn list(store: &Store, table: TableName, json: bool) -> Result<ExitCode, Failure> {
    let mut rows = Vec::new();
    loop {
        let after = rows.last().map_or(0, key);
        let page = store.rows(table, after, PAGE).await?;
        if page.is_empty() {
            break;
        }
        rows.extend(page);
    }
    if json {
        answer::json(&rows)?;
    } else {
        print(&rows);
    }
    Ok(DONE)
}

fn key(row: &Map<String, Value>) -> i64 {
    row.get("id").and_then(Value::as_i64).unwrap_or_default()
}

fn print(rows: &[Map<String, Value>]) {
    let Some(first) = rows.first() else { return };
    let others = first.keys().map(String::as_str).filter(|column| *column != "id");
    let header: Vec<&str> = std::iter::once("id").chain(others).collect();
    let cells =
        |row: &Map<String, Value>| header.iter().map(|column| text(&row[*column])).collect::<Vec<_>>();
    answer::table(&header, rows.iter().map(cells));
}

fn text(cell: &Value) -> String {
    match cell {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
