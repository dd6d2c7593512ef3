//! The tables that are no part of a draft.

use crate::{ChunkedTables, TableName};

/// Tables that go live by themselves: whatever waits in the other tables does not hold them up, and a rollback or a
/// restore leaves them as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// What nodes, people and programs prove themselves with: what was revoked never comes back.
    Tokens,
    /// What host names stand for: that is of today, whatever day the rest of a configuration is of.
    Resolved,
}

impl Layer {
    pub const ALL: [Self; 2] = [Self::Tokens, Self::Resolved];

    pub const fn tables(self) -> &'static [TableName] {
        match self {
            Self::Tokens => &[TableName::NodeToken, TableName::ApiToken],
            Self::Resolved => &[TableName::ResolvedAddress],
        }
    }
}

impl TableName {
    /// The layer that a table is of; none: it waits for the others.
    pub fn layer(self) -> Option<Layer> {
        Layer::ALL.into_iter().find(|layer| layer.tables().contains(&self))
    }
}

impl ChunkedTables {
    /// These tables with the layers of another configuration.
    #[must_use]
    pub fn with_layers_of(self, other: &Self) -> Self {
        Self {
            node_tokens: other.node_tokens.clone(),
            api_tokens: other.api_tokens.clone(),
            resolved_addresses: other.resolved_addresses.clone(),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::Tables;

    #[test]
    fn layers_are_taken_from_the_other_configuration_and_nothing_else() {
        let full = r#"
            currencies = [{ id = 1, iso = "EUR", numcode = 978, name = "Euro" }]
            node_tokens = [{ id = 1, server_id = 1, token_sha256 = "" }]
            api_tokens = [{ id = 1, role = "viewer", token_sha256 = "" }]
            resolved_addresses = [{ id = 1, provider_address_id = 1, network = "192.0.2.1" }]
        "#;
        let full: ChunkedTables = toml::from_str::<Tables>(full).unwrap().into();
        let differing = |tables: ChunkedTables| tables.tables_apart(&ChunkedTables::default());
        let layered = differing(ChunkedTables::default().with_layers_of(&full));
        assert!(layered.iter().all(|table| table.layer().is_some()), "{layered:?}");
        assert_eq!(layered.len(), TableName::ALL.into_iter().filter(|table| table.layer().is_some()).count());
        assert_eq!(differing(full.with_layers_of(&ChunkedTables::default())), [TableName::Currency]);
    }
}
