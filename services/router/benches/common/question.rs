//! A question, and the tables it is asked of.

use routing::tables::{NodeToken, Tables};

const TOKEN_SHA256: &str = "d69530cd89543644aec5a8e164b1c42dc852845d80271280e1339cc77e4945c2";

/// What the node of the question proves itself with.
pub(crate) const TOKEN: &str = "dpn_0000000000000000000000000000000000000000000000000000000000000000";

/// A question as the shipped dialplan writes it, but for the token, which FastAGI asks for.
pub(crate) const QUESTION: &str = "node=asterisk-macomnet\
     &dp=1&call=asterisk-macomnet-1700000000.42&endpoint=1000&source=192.0.2.10&from=1000\
     &pres=allowed_not_screened&to=84957777777";

/// The article's, with a token for the node.
pub(crate) fn tables() -> Tables {
    let mut tables: Tables = toml::from_str(store::ARTICLE).unwrap();
    tables.node_tokens.push(NodeToken {
        id: domain::NodeTokenId(1),
        server_id: tables.servers[0].id,
        token_sha256: TOKEN_SHA256.into(),
        comment: None,
    });
    tables
}
