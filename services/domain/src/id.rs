//! Keys of the tables. Each is its own type, so that a provider can never be looked up by a server's key.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

ids! {
    /// Key of `currencies`.
    CurrencyId,
    /// Key of `countries`.
    CountryId,
    /// Key of `providers`.
    ProviderId,
    /// Key of `provider_addresses`.
    ProviderAddressId,
    /// Key of `routes`.
    RouteId,
    /// Key of `servers`.
    ServerId,
    /// Key of `numbers`.
    NumberId,
    /// Key of `gates`.
    GateId,
    /// Key of `extensions`.
    ExtensionId,
    /// Key of `ring_groups`.
    RingGroupId,
    /// Key of `ring_group_members`.
    RingGroupMemberId,
    /// Key of `number_destinations`.
    NumberDestinationId,
    /// Key of `customers`.
    CustomerId,
    /// Key of `service_numbers`.
    ServiceNumberId,
    /// Key of `api_tokens`.
    ApiTokenId,
    /// Key of `node_tokens`.
    NodeTokenId,
    /// Key of `resolved_addresses`.
    ResolvedAddressId,
}
