//! The operator's tables as a database takes them.

use domain::{CurrencyId, NodeTokenId, ServerId};
use routing::tables::{Currency, NodeToken, Tables};

use crate::operator;

/// What the node of the questions proves itself with.
pub(crate) const TOKEN: &str = "dpn_0000000000000000000000000000000000000000000000000000000000000000";
const TOKEN_SHA256: &str = "d69530cd89543644aec5a8e164b1c42dc852845d80271280e1339cc77e4945c2";

/// Keys of a database start at 1, those of the operator's tables at 0.
pub(crate) fn fit_for_a_database() -> Tables {
    let mut tables = operator::tables();
    tables.provider_addresses.iter_mut().for_each(|row| row.id.0 += 1);
    tables.routes.iter_mut().for_each(|row| row.id.0 += 1);
    tables.numbers.iter_mut().for_each(|row| row.id.0 += 1);
    for row in &mut tables.gates {
        row.id.0 += 1;
        row.number_id.0 += 1;
    }
    for row in &mut tables.extensions {
        row.id.0 += 1;
        row.number_id.iter_mut().for_each(|number| number.0 += 1);
    }
    for row in &mut tables.number_destinations {
        row.id.0 += 1;
        row.number_id.0 += 1;
        row.extension_id.iter_mut().for_each(|extension| extension.0 += 1);
    }
    for row in &mut tables.customers {
        row.id.0 += 1;
        row.extension_id.0 += 1;
    }
    tables.currencies.push(Currency {
        id: CurrencyId(1),
        iso: operator::parsed("RUB"),
        numcode: 643,
        name: "Russian rouble".into(),
    });
    tables.node_tokens.push(NodeToken {
        id: NodeTokenId(1),
        server_id: ServerId(1),
        token_sha256: TOKEN_SHA256.into(),
        comment: None,
    });
    tables
}
