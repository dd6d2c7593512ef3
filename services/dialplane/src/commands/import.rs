use std::{fs, path::Path, process::ExitCode};

use anyhow::{Context, bail};
use routing::tables::Tables;
use runtime::Config;

use super::{create, live};
use crate::{cli::Import, failure::Failure};

pub(crate) async fn run(config: &Config, arguments: &Import) -> Result<ExitCode, Failure> {
    let tables = read(&arguments.file).map_err(Failure::usage)?;
    let store = create(config).await?;
    store.migrate().await?;
    arguments.about.sign(&store).insert(&tables).await?;
    println!("imported {}", arguments.file.display());
    live::after_edit(config, &store, &arguments.about).await
}

fn read(path: &Path) -> anyhow::Result<Tables> {
    let text = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let tables = parse(&text).with_context(|| format!("{} is not a file of tables", path.display()))?;
    Ok(tables)
}

/// Rows read from storage may have fields this release does not know; in a file that a person wrote, such a field is a
/// slip of the pen.
fn parse(text: &str) -> anyhow::Result<Tables> {
    let mut unknown = Vec::new();
    let document = toml::Deserializer::parse(text)?;
    let tables: Tables = serde_ignored::deserialize(document, |path| unknown.push(path.to_string()))?;
    if !unknown.is_empty() {
        bail!("there are no such fields: {}", listed(&unknown));
    }
    tables.check_keys()?;
    Ok(tables)
}

/// Most fields an error names.
const SHOWN: usize = 20;

fn listed(fields: &[String]) -> String {
    let shown = fields.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    match fields.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown}, and {more} more"),
    }
}
