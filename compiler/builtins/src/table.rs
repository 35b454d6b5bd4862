//! The table of builtins.
//!
//! An entry is `method` or `function`, an id, and a signature as the documentation shows it, with the version
//! that brought it and the function that is its meaning. Overloads of a name stand in the order in which they
//! are tried. A `List<…>` parameter takes sets, too, and a `String` takes every kind of text. An entry with
//! `Folded` is for calls where some text of those is an action, a condition's key or its operator.

use std::sync::LazyLock;

use crate::builtin::doc_text;
use crate::signature::Written;
use crate::{Builtin, Parameter};
use crate::{arns, collections, durations, maps, network, numbers, policies, sets, strings, times};

// The empty repetitions in `$(? …)?` are there for the macro to know that the `?` was written.
macro_rules! builtins {
    ($(
        $(#[doc = $doc:literal])+
        $kind:ident $id:ident $name:ident($($parameter:ident $(? $($left_out:literal)*)?: $ty:ty),*)
            -> $result:ident $(<$of:ident>)? $(? $($absent:literal)*)? since $since:literal = $eval:path;
    )*) => {
        /// Names an entry of the table.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        pub enum BuiltinId {
            $($(#[doc = $doc])+ $id,)*
        }

        pub(crate) static TABLE: LazyLock<Vec<Builtin>> = LazyLock::new(|| {
            use crate::signature::names::*;
            vec![$(Builtin {
                id: BuiltinId::$id,
                name: stringify!($name),
                doc: doc_text(&[$($doc),+]),
                since: $since,
                parameters: vec![$(Parameter {
                    name: stringify!($parameter),
                    ty: <$ty as Written>::ty(),
                    optional: false $(|| { $(let _ = $left_out;)* true })?,
                }),*],
                result: <$result$(<$of>)? as Written>::ty() $(.optional() $(; $absent)*)?,
                method: builtins!(@ $kind),
                eval: $eval,
            }),*]
        });
    };
    (@ method) => { true };
    (@ function) => { false };
}

builtins! {
    // Strings.

    /// The number of characters (Unicode code points) in `text`.
    ///
    /// Example: `name.len() <= 63`
    method TextLen len(text: String) -> Int since "0.1.0" = strings::len;

    /// The number of elements in a list or set. A list's is known even where elements are unknown; a set's is
    /// then only known to lie within bounds, because an unknown element may equal another.
    ///
    /// Example: `group.SecurityGroupIngress.len() < 50`
    method ListLen len(values: List<T>) -> Int since "0.1.0" = collections::len;

    /// The number of entries in a map. An entry with an unknown value may turn out to be absent, and is counted
    /// as undecided.
    ///
    /// Example: `bucket.tags.len() > 0`
    method MapLen len(map: Map<T>) -> Int since "0.1.0" = maps::len;

    /// Whether `text` has no characters. Blanks are characters.
    ///
    /// Example: `not rule.Description.is_empty()`
    method TextIsEmpty is_empty(text: String) -> Bool since "0.1.0" = strings::is_empty;

    /// Whether a list or set has no elements.
    ///
    /// Example: `role.ManagedPolicyArns.is_empty()`
    method ListIsEmpty is_empty(values: List<T>) -> Bool since "0.1.0" = collections::is_empty;

    /// Whether a map has no entries. Unknown where all its values are unknown.
    ///
    /// Example: `not bucket.tags.is_empty()`
    method MapIsEmpty is_empty(map: Map<T>) -> Bool since "0.1.0" = maps::is_empty;

    /// Whether principals name nobody: not `"*"`, and no entry of any kind.
    ///
    /// Example: `statement.principals.is_empty()`
    method PrincipalsIsEmpty is_empty(principals: Principals) -> Bool since "0.1.0" = policies::principals_is_empty;

    /// `text` in lower case, by Unicode's rules.
    ///
    /// Example: `bucket.tags["env"] is present and bucket.tags["env"].lower() == "prod"`
    method Lower lower(text: String) -> String since "0.1.0" = strings::lower;

    /// `text` in upper case, by Unicode's rules.
    ///
    /// Example: `rule.IpProtocol.upper() == "TCP"`
    method Upper upper(text: String) -> String since "0.1.0" = strings::upper;

    /// An action, a condition's key or its operator without white space at its ends.
    ///
    /// Example: `condition.key.trim() == "aws:SourceIp"`
    method FoldedTrim trim(text: Folded) -> Folded since "0.1.0" = strings::trim;

    /// `text` without white space at its ends.
    ///
    /// Example: `rule.Description.trim() != ""`
    method Trim trim(text: String) -> String since "0.1.0" = strings::trim;

    /// Whether an action, a condition's key or its operator begins with `prefix`, in any case.
    ///
    /// Example: `any action in statement.actions: action.starts_with("iam:Pass")`
    method FoldedStartsWith starts_with(text: Folded, prefix: Folded) -> Bool since "0.1.0"
        = strings::folded_starts_with;

    /// Whether `text` begins with `prefix`. Case matters.
    ///
    /// Example: `db.name.starts_with("prod-")`
    method StartsWith starts_with(text: String, prefix: String) -> Bool since "0.1.0" = strings::starts_with;

    /// Whether an action, a condition's key or its operator ends with `suffix`, in any case.
    ///
    /// Example: `condition.operator.ends_with("IfExists")`
    method FoldedEndsWith ends_with(text: Folded, suffix: Folded) -> Bool since "0.1.0" = strings::folded_ends_with;

    /// Whether `text` ends with `suffix`. Case matters.
    ///
    /// Example: `queue.name.ends_with(".fifo")`
    method EndsWith ends_with(text: String, suffix: String) -> Bool since "0.1.0" = strings::ends_with;

    /// Whether `part` occurs in an action, a condition's key or its operator, in any case.
    ///
    /// Example: `condition.key.contains("PrincipalOrg")`
    method FoldedContains contains(text: Folded, part: Folded) -> Bool since "0.1.0" = strings::folded_contains;

    /// Whether `part` occurs in `text`. Case matters; the empty text occurs in every text.
    ///
    /// Example: `function.name.contains("legacy")`
    method TextContains contains(text: String, part: String) -> Bool since "0.1.0" = strings::contains;

    /// Whether a list of actions, condition keys or operators holds `value`, in any case.
    ///
    /// Example: `statement.actions.contains("s3:GetObject")`
    method FoldedListContains contains(values: List<Folded>, value: Folded) -> Bool since "0.1.0"
        = collections::folded_contains;

    /// Whether some element equals `value`, like `value in values`: true if a known element does, false if all
    /// elements differ, unknown otherwise.
    ///
    /// Example: `function.Architectures.contains("arm64")`
    method ListContains contains(values: List<T>, value: T) -> Bool since "0.1.0" = collections::contains;

    /// Whether a map has an entry for `key`. Case matters. Unknown where the entry's value is unknown, because
    /// it may turn out to be absent.
    ///
    /// Example: `bucket.tags.contains("owner")`
    method MapContains contains(map: Map<T>, key: String) -> Bool since "0.1.0" = maps::contains;

    /// Whether the block holds the address. IPv4 and IPv6 never hold each other.
    ///
    /// Example: `10.0.0.0/8.contains(10.1.2.3)`
    method CidrContainsIp contains(block: Cidr, address: Ip) -> Bool since "0.1.0" = network::contains;

    /// Whether the block holds all addresses of the other one. IPv4 and IPv6 never hold each other.
    ///
    /// Example: `vpc.CidrBlock is present and 10.0.0.0/8.contains(vpc.CidrBlock)`
    method CidrContains contains(block: Cidr, other: Cidr) -> Bool since "0.1.0" = network::contains;

    /// The pieces of an action, a condition's key or its operator between occurrences of `separator`, in any case.
    ///
    /// Example: `action.split(":").last() == "*"`
    method FoldedSplit split(text: Folded, separator: Folded) -> List<Folded> since "0.1.0" = strings::folded_split;

    /// The pieces of `text` between occurrences of `separator`; one piece where it does not occur. An empty
    /// separator splits into characters.
    ///
    /// Example: `"a,b".split(",") == ["a", "b"]`
    method Split split(text: String, separator: String) -> List<String> since "0.1.0" = strings::split;

    /// An action, a condition's key or its operator with every occurrence of `from`, in any case, replaced by `to`.
    ///
    /// Example: `action.replace("s3:", "") == "*"`
    method FoldedReplace replace(text: Folded, from: Folded, to: String) -> Folded since "0.1.0"
        = strings::folded_replace;

    /// `text` with every occurrence of `from` replaced by `to`, from left to right. An empty `from` occurs
    /// nowhere. Unknown beyond 16 MiB.
    ///
    /// Example: `role.name.replace("_", "-")`
    method Replace replace(text: String, from: String, to: String) -> String since "0.1.0" = strings::replace;

    /// The whole number that `text` writes in decimal, with or without a sign; absent where it is none, unknown
    /// where it is beyond 64 bits. White space is not skipped.
    ///
    /// Example: `(parse_int(bucket.tags["retention"] ?? "") ?? 0) >= 30`
    function ParseInt parse_int(text: String) -> Int? since "0.1.0" = strings::parse_int;

    /// The number that `text` writes in decimal, with an exponent or without; absent where it is none, unknown
    /// where it is too large. White space is not skipped.
    ///
    /// Example: `parse_float("0.5") is present`
    function ParseFloat parse_float(text: String) -> Float? since "0.1.0" = strings::parse_float;

    // Lists, sets and maps.

    /// The elements without repeats, where repeats are found in any case, in the order of their first occurrence.
    ///
    /// Example: `statement.actions.distinct().len() == statement.actions.len()`
    method FoldedDistinct distinct(values: List<Folded>) -> List<Folded> since "0.1.0" = collections::folded_distinct;

    /// The elements without repeats, in the order of their first occurrence. Unknown where it is not known
    /// whether two elements are equal.
    ///
    /// Example: `[rule.IpProtocol for rule in group.SecurityGroupIngress].distinct().len() == 1`
    method Distinct distinct(values: List<T>) -> List<T> since "0.1.0" = collections::distinct;

    /// The elements as a set, where repeats are found in any case.
    ///
    /// Example: `statement.actions.to_set().len() > 1`
    method FoldedToSet to_set(values: List<Folded>) -> Set<Folded> since "0.1.0" = sets::folded_to_set;

    /// The elements as a set: without repeats or order. Unknown where it is not known whether two elements are
    /// equal.
    ///
    /// Example: `cluster.EnabledLogTypes.to_set() == expected`
    method ToSet to_set(values: List<T>) -> Set<T> since "0.1.0" = sets::to_set;

    /// The elements of all inner lists, one after the other. Unknown where an inner list is unknown.
    ///
    /// Example: `[statement.actions for statement in policy.statements].flatten()`
    method Flatten flatten(values: List<List<T>>) -> List<T> since "0.1.0" = collections::flatten;

    /// The least element, absent where there is none. Texts order by code points. Unknown where an element is
    /// unknown.
    ///
    /// Example: `([rule.FromPort for rule in rules].min() ?? 0) > 1024`
    method Min min(values: List<Ordered>) -> Ordered? since "0.1.0" = collections::min;

    /// The greatest element, absent where there is none. Texts order by code points. Unknown where an element
    /// is unknown.
    ///
    /// Example: `([key.CreateDate for key in keys].max() ?? now) < now - 90d`
    method Max max(values: List<Ordered>) -> Ordered? since "0.1.0" = collections::max;

    /// The sum of whole numbers, 0 for none. Unknown where an element is unknown or the sum is beyond 64 bits.
    ///
    /// Example: `[volume.Size for volume in volumes].sum() <= 1000`
    method SumInt sum(values: List<Int>) -> Int since "0.1.0" = numbers::sum_int;

    /// The sum of numbers, 0 for none. Unknown where an element is unknown or the sum is not finite.
    ///
    /// Example: `[0.5, 0.25].sum() == 0.75`
    method SumFloat sum(values: List<Float>) -> Float since "0.1.0" = numbers::sum_float;

    /// The sum of durations, `0s` for none. Unknown where an element is unknown or the sum is out of range.
    ///
    /// Example: `[12h, 30m].sum() < 1d`
    method SumDuration sum(values: List<Duration>) -> Duration since "0.1.0" = durations::sum;

    /// The texts with `separator` between each two. Unknown where one is unknown, or beyond 16 MiB.
    ///
    /// Example: `["a", "b"].join(", ") == "a, b"`
    method Join join(texts: List<String>, separator: String) -> String since "0.1.0" = strings::join;

    /// The first element, absent where there is none.
    ///
    /// Example: `(pipeline.Stages.first())?.Name == "Source"`
    method First first(values: List<T>) -> T? since "0.1.0" = collections::first;

    /// The last element, absent where there is none. Of a set whose unknown elements may repeat others it is
    /// unknown.
    ///
    /// Example: `"a/b/c".split("/").last() == "c"`
    method Last last(values: List<T>) -> T? since "0.1.0" = collections::last;

    /// The keys of a map, in its order. Unknown where a value is unknown, because that entry may turn out to be
    /// absent.
    ///
    /// Example: `all key in bucket.tags.keys(): not key.starts_with("tmp")`
    method Keys keys(map: Map<T>) -> List<String> since "0.1.0" = maps::keys;

    /// The values of a map, in its order. Unknown where a value is unknown, because that entry may turn out to
    /// be absent.
    ///
    /// Example: `no value in function.tags.values(): value == ""`
    method Values values(map: Map<T>) -> List<T> since "0.1.0" = maps::values;

    /// The elements of either set, where equals are found in any case.
    ///
    /// Example: `statement.actions.to_set().union(["iam:PassRole"])`
    method FoldedUnion union(set: Set<Folded>, other: List<Folded>) -> Set<Folded> since "0.1.0" = sets::folded_union;

    /// The elements of either set; `other` may be a list. Unknown where it is not known whether two elements
    /// are equal.
    ///
    /// Example: `trusted_accounts.union(["111122223333"])`
    method Union union(set: Set<T>, other: List<T>) -> Set<T> since "0.1.0" = sets::union;

    /// The elements of the set that `other` has, too, in any case.
    ///
    /// Example: `statement.actions.to_set().intersection(["iam:PassRole"]).is_empty()`
    method FoldedIntersection intersection(set: Set<Folded>, other: List<Folded>) -> Set<Folded> since "0.1.0"
        = sets::folded_intersection;

    /// The elements of the set that `other` has, too; `other` may be a list. Unknown where it is not known
    /// whether it has one.
    ///
    /// Example: `trusted_accounts.intersection(accounts).is_empty()`
    method Intersection intersection(set: Set<T>, other: List<T>) -> Set<T> since "0.1.0" = sets::intersection;

    /// The elements of the set that `other` has not, in any case.
    ///
    /// Example: `statement.actions.to_set().difference(["s3:GetObject"]).is_empty()`
    method FoldedDifference difference(set: Set<Folded>, other: List<Folded>) -> Set<Folded> since "0.1.0"
        = sets::folded_difference;

    /// The elements of the set that `other` has not; `other` may be a list. Unknown where it is not known
    /// whether it has one.
    ///
    /// Example: `accounts.difference(trusted_accounts).is_empty()`
    method Difference difference(set: Set<T>, other: List<T>) -> Set<T> since "0.1.0" = sets::difference;

    // Numbers.

    /// The number without its sign. Unknown for the least `Int`, whose opposite is beyond 64 bits.
    ///
    /// Example: `(limit - used).abs() < 10`
    method Abs abs(number: Number) -> Number since "0.1.0" = numbers::abs;

    // Time.

    /// How long before the time of evaluation `time` was: `now - time`. Negative for times to come.
    ///
    /// Example: `age(key.CreateDate) < 90d`
    function Age age(time: Time) -> Duration since "0.1.0" = times::age;

    /// The time that `text` writes in ISO 8601, as AWS writes it; without a zone it is UTC, and a bare date is
    /// its midnight. Absent where it is none.
    ///
    /// Example: `parse_time("2027-01-31T08:00:00Z") is present`
    function ParseTime parse_time(text: String) -> Time? since "0.1.0" = times::parse_time;

    /// The duration that `text` writes: as the language does (`90d`, `12h`, `30m`, `15s`) or in ISO 8601 (`P1D`,
    /// `PT12H`, `P1W`, `PT0.5S`), with a day of 24 hours. Absent where it is none, as with years and months,
    /// which have no fixed length; unknown where it is out of range.
    ///
    /// Example: `(parse_duration(rule.MaxAge) ?? 0s) <= 90d`
    function ParseDuration parse_duration(text: String) -> Duration? since "0.1.0" = durations::parse_duration;

    /// The whole days (of 24 hours) in a duration, truncated towards zero.
    ///
    /// Example: `age(key.CreateDate).days() < 90`
    method Days days(duration: Duration) -> Int since "0.1.0" = durations::days;

    /// The whole hours in a duration, truncated towards zero.
    ///
    /// Example: `90m.hours() == 1`
    method Hours hours(duration: Duration) -> Int since "0.1.0" = durations::hours;

    /// The whole minutes in a duration, truncated towards zero.
    ///
    /// Example: `90s.minutes() == 1`
    method Minutes minutes(duration: Duration) -> Int since "0.1.0" = durations::minutes;

    /// The whole seconds in a duration, truncated towards zero.
    ///
    /// Example: `1h.seconds() == 3600`
    method Seconds seconds(duration: Duration) -> Int since "0.1.0" = durations::seconds;

    // Network.

    /// The IPv4 or IPv6 address that `text` writes; absent where it is none.
    ///
    /// Example: `ip("10.0.0.1") is present`
    function ParseIp ip(text: String) -> Ip? since "0.1.0" = network::ip;

    /// The block that `text` writes as address and prefix length; absent where it is none, which a bare address
    /// and a block with host bits set (`10.0.0.1/8`) are not.
    ///
    /// Example: `cidr("fe80::/10") is present`
    function ParseCidr cidr(text: String) -> Cidr? since "0.1.0" = network::cidr;

    /// Whether two blocks have an address in common. IPv4 and IPv6 have none.
    ///
    /// Example: `not 10.0.0.0/16.overlaps(10.1.0.0/16)`
    method Overlaps overlaps(block: Cidr, other: Cidr) -> Bool since "0.1.0" = network::overlaps;

    /// The number of leading bits that a block fixes: 0 to 32, for IPv6 0 to 128.
    ///
    /// Example: `10.0.0.0/16.prefix_length() >= 16`
    method PrefixLength prefix_length(block: Cidr) -> Int since "0.1.0" = network::prefix_length;

    /// Whether an address is for use inside of networks: `10.0.0.0/8`, `172.16.0.0/12` and `192.168.0.0/16` (RFC
    /// 1918), `fc00::/7` (RFC 4193), shared `100.64.0.0/10`, loopback `127.0.0.0/8` and `::1/128`, link-local
    /// `169.254.0.0/16` and `fe80::/10`.
    ///
    /// Example: `10.1.2.3.is_private()`
    method IpIsPrivate is_private(address: Ip) -> Bool since "0.1.0" = network::is_private;

    /// Whether all of a block lies in one of `10.0.0.0/8`, `172.16.0.0/12` and `192.168.0.0/16` (RFC 1918),
    /// `fc00::/7` (RFC 4193), shared `100.64.0.0/10`, loopback `127.0.0.0/8` and `::1/128`, link-local
    /// `169.254.0.0/16` and `fe80::/10`. What is not private may be reached from the internet.
    ///
    /// Example: `10.1.0.0/16.is_private()`
    method CidrIsPrivate is_private(block: Cidr) -> Bool since "0.1.0" = network::is_private;

    /// Whether an address is routed on the internet: for IPv6 in `2000::/3`, and in no block that the IANA
    /// special-purpose registries reserve, nor multicast, benchmarking or documentation.
    ///
    /// Example: `8.8.8.8.is_public()`
    method IpIsPublic is_public(address: Ip) -> Bool since "0.1.0" = network::is_public;

    /// Whether all addresses of a block are routed on the internet. `0.0.0.0/0` is not: it holds private ones,
    /// too. To find blocks that let the internet in, ask `not block.is_private()`.
    ///
    /// Example: `8.8.8.0/24.is_public()`
    method CidrIsPublic is_public(block: Cidr) -> Bool since "0.1.0" = network::is_public;

    /// Whether an address is of IPv4.
    ///
    /// Example: `10.1.2.3.is_ipv4()`
    method IpIsIpv4 is_ipv4(address: Ip) -> Bool since "0.1.0" = network::is_ipv4;

    /// Whether a block is of IPv4.
    ///
    /// Example: `10.1.0.0/16.is_ipv4()`
    method CidrIsIpv4 is_ipv4(block: Cidr) -> Bool since "0.1.0" = network::is_ipv4;

    /// Whether an address is of IPv6.
    ///
    /// Example: `not 10.1.2.3.is_ipv6()`
    method IpIsIpv6 is_ipv6(address: Ip) -> Bool since "0.1.0" = network::is_ipv6;

    /// Whether a block is of IPv6.
    ///
    /// Example: `::/0.is_ipv6()`
    method CidrIsIpv6 is_ipv6(block: Cidr) -> Bool since "0.1.0" = network::is_ipv6;

    // Texts with a form of their own.

    /// The text as an ARN, whose `partition`, `service`, `region`, `account` and `resource` can be read; absent
    /// where it does not start with `arn:` or has fewer than six parts.
    ///
    /// Example: `arn("arn:aws:s3:::logs") is present`
    function ParseArn arn(text: String) -> Arn? since "0.1.0" = arns::arn;

    /// The JSON document that `text` holds; absent where it holds none, or `null`.
    ///
    /// Example: `json(parameter.Value)?.enabled == true`
    function ParseJson json(text: String) -> Json? since "0.1.0" = strings::json;

    // Policies, as they are written.

    /// The statements of a policy with the effect `Allow`.
    ///
    /// Example: `no statement in policy.allows(): statement.principals.anyone`
    method Allows allows(policy: Policy) -> List<Statement> since "0.1.0" = policies::allows;

    /// The statements of a policy with the effect `Deny`.
    ///
    /// Example: `any statement in policy.denies(): statement.has_condition("aws:SecureTransport")`
    method Denies denies(policy: Policy) -> List<Statement> since "0.1.0" = policies::denies;

    /// Whether a statement is about `action`, in any case: some pattern of its `Action` matches, or none of its
    /// `NotAction` does. An `action` with wildcards stands for all actions it matches, and the statement must be
    /// about each. Effect, resources, principals and conditions are not looked at. Unknown where `action` is
    /// no action.
    ///
    /// Example: `statement.covers_action("s3:GetObject")`
    method CoversAction covers_action(statement: Statement, action: String) -> Bool since "0.1.0"
        = policies::covers_action;

    /// Whether a statement is about `resource`: some pattern of its `Resource` matches, or none of its
    /// `NotResource` does; one with neither is about every resource. A `resource` with wildcards stands for all
    /// resources it matches, and the statement must be about each. Case matters, and a wildcard in the first five
    /// parts of an ARN stops at `:`. Unknown where `resource` is neither an ARN nor `*`, and where a policy
    /// variable decides.
    ///
    /// Example: `statement.covers_resource("arn:aws:s3:::logs/*")`
    method CoversResource covers_resource(statement: Statement, resource: String) -> Bool since "0.1.0"
        = policies::covers_resource;

    /// Whether a statement has a condition on `key`, in any case, with any operator.
    ///
    /// Example: `statement.has_condition("aws:PrincipalOrgID")`
    method HasCondition has_condition(statement: Statement, key: String) -> Bool since "0.1.0"
        = policies::has_condition;

    /// The values of all conditions of a statement on `key`, in any case, with any operator; empty where there
    /// is none.
    ///
    /// Example: `"o-abc" in statement.condition_values("aws:PrincipalOrgID")`
    method ConditionValues condition_values(statement: Statement, key: String) -> List<String> since "0.1.0"
        = policies::condition_values;

    /// The accounts that the AWS principals belong to, without repeats. Principals without an account (`*`, ids
    /// of deleted principals) have no part in it.
    ///
    /// Example: `all account in statement.principals.accounts(): account in trusted_accounts`
    method Accounts accounts(principals: Principals) -> List<AccountId> since "0.1.0" = policies::accounts;
}
