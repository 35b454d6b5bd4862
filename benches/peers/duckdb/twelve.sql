-- The twelve guardrails of `twelve.parapet`: how many pairs have which verdict. The variable `inventory` is a file of
-- items, one a line.

-- What the guardrails read of items; DuckDB skips the rest while it parses.
CREATE TEMP TABLE items AS
SELECT
    resourceType AS kind,
    ARN AS arn,
    awsAccountId AS account,
    awsRegion AS region,
    resourceName AS name,
    configurationItemCaptureTime AS captured,
    tags.owner AS owner,
    configuration AS c,
    supplementaryConfiguration AS s
FROM read_ndjson(getvariable('inventory'), columns = {
    resourceType: 'VARCHAR', ARN: 'VARCHAR', awsAccountId: 'VARCHAR', awsRegion: 'VARCHAR', resourceName: 'VARCHAR',
    configurationItemCaptureTime: 'TIMESTAMPTZ', tags: 'STRUCT("owner" VARCHAR)',
    configuration: 'STRUCT(
        encrypted BOOLEAN, engine VARCHAR, storageEncrypted BOOLEAN, backupRetentionPeriod BIGINT, publiclyAccessible BOOLEAN,
        runtime VARCHAR, timeout BIGINT, metadataOptions STRUCT(httpTokens VARCHAR, httpPutResponseHopLimit BIGINT),
        securityGroups STRUCT(groupId VARCHAR)[],
        ipPermissions STRUCT(ipProtocol VARCHAR, fromPort BIGINT, toPort BIGINT, ipv4Ranges STRUCT(cidrIp VARCHAR)[], ipv6Ranges STRUCT(cidrIpv6 VARCHAR)[])[],
        groupId VARCHAR, assumeRolePolicyDocument VARCHAR, KmsMasterKeyId VARCHAR, SqsManagedSseEnabled BOOLEAN,
        ReceiveMessageWaitTimeSeconds BIGINT, keySpec VARCHAR)',
    supplementaryConfiguration: 'STRUCT(PublicAccessBlockConfiguration VARCHAR, KeyRotationStatus BOOLEAN)'
});

-- Resources of several records, which are few: the latest counts, and what rules read of those of one time is unknown where it differs.
CREATE TEMP TABLE repeated AS
SELECT kind, arn, max(captured) AS latest FROM items GROUP BY ALL HAVING count(*) > 1;

CREATE TEMP TABLE resolved AS
SELECT items.kind, items.arn, latest, min(items.rowid) AS first,
    count(DISTINCT (c, s, CASE WHEN items.kind = 'AWS::SecretsManager::Secret' THEN name END)) > 1 AS contradicted
FROM items JOIN repeated ON items.arn = repeated.arn AND items.kind = repeated.kind AND items.captured = latest
GROUP BY ALL;

CREATE TEMP VIEW latest AS
SELECT items.*, items.rowid AS item, coalesce(resolved.contradicted, false) AS contradicted
FROM items LEFT JOIN resolved ON items.arn = resolved.arn AND items.kind = resolved.kind
WHERE resolved.arn IS NULL OR items.rowid = resolved.first;

CREATE TEMP TABLE groups AS
SELECT
    account, region, c.groupId AS id, contradicted,
    len(list_filter(c.ipPermissions, lambda rule: len(list_filter(rule.ipv4Ranges, lambda range: range.cidrIp = '0.0.0.0/0')) > 0)) > 0 AS open
FROM latest WHERE kind = 'AWS::EC2::SecurityGroup';

CREATE TEMP MACRO required(holds) AS CASE WHEN holds THEN 'pass' ELSE 'fail' END;

CREATE TEMP MACRO is_anyone(principal) AS
    principal ->> '$' = '*' OR principal ->> '$.AWS' = '*' OR list_contains(principal ->> '$.AWS[*]', '*');

CREATE TEMP MACRO names_stranger(statement) AS
    coalesce(statement ->> '$.Effect' = 'Allow' AND is_anyone(statement -> '$.Principal'), false);

-- Of a record: what the rules say that read nothing else.
CREATE TEMP VIEW said AS
SELECT CASE WHEN contradicted THEN 'unknown' ELSE CASE kind
    WHEN 'AWS::EC2::Volume' THEN required(c.encrypted)
    WHEN 'AWS::RDS::DBInstance' THEN CASE
        WHEN c.engine LIKE 'aurora%' THEN 'na'
        ELSE required(c.storageEncrypted AND c.backupRetentionPeriod >= 7 AND NOT coalesce(c.publiclyAccessible, false)) END
    WHEN 'AWS::Lambda::Function' THEN CASE
        WHEN c.runtime IS NULL THEN 'na'
        ELSE required(c.runtime IN ('python3.13', 'python3.12', 'nodejs22.x', 'java21') AND coalesce(c.timeout, 3) BETWEEN 1 AND 300) END
    WHEN 'AWS::EC2::Instance' THEN
        required(c.metadataOptions.httpTokens = 'required' AND coalesce(c.metadataOptions.httpPutResponseHopLimit, 1) <= 2)
    WHEN 'AWS::EC2::SecurityGroup' THEN required(len(list_filter(coalesce(c.ipPermissions, []), lambda rule:
        (len(list_filter(rule.ipv4Ranges, lambda range: range.cidrIp = '0.0.0.0/0')) > 0
            OR len(list_filter(rule.ipv6Ranges, lambda range: range.cidrIpv6 = '::/0')) > 0)
        AND (coalesce(rule.ipProtocol = '-1', false) OR (coalesce(rule.fromPort, 0) <= 22 AND coalesce(rule.toPort, 65535) >= 22)))) = 0)
    WHEN 'AWS::SQS::Queue' THEN
        required((c.KmsMasterKeyId IS NOT NULL OR coalesce(c.SqsManagedSseEnabled, false)) AND c.ReceiveMessageWaitTimeSeconds > 0)
    WHEN 'AWS::S3::Bucket' THEN required(regexp_matches(owner, '^team-[a-z]+$'))
    WHEN 'AWS::KMS::Key' THEN CASE
        WHEN coalesce(c.keySpec, 'SYMMETRIC_DEFAULT') <> 'SYMMETRIC_DEFAULT' THEN 'na'
        ELSE required(s.KeyRotationStatus) END
    WHEN 'AWS::SecretsManager::Secret' THEN required(contains(name, '/'))
    END END AS verdict
FROM latest
UNION ALL
SELECT CASE WHEN contradicted THEN 'unknown' ELSE required(
    (s.PublicAccessBlockConfiguration ->> '$.blockPublicAcls') = 'true'
    AND (s.PublicAccessBlockConfiguration ->> '$.restrictPublicBuckets') = 'true') END
FROM latest WHERE kind = 'AWS::S3::Bucket'
UNION ALL
SELECT CASE WHEN contradicted THEN 'unknown' ELSE required(len(list_filter(
    CASE WHEN json_type(policy, '$.Statement') = 'ARRAY' THEN policy -> '$.Statement[*]' ELSE [policy -> '$.Statement'] END,
    lambda statement: names_stranger(statement))) = 0) END
FROM (SELECT contradicted, url_decode(c.assumeRolePolicyDocument)::JSON AS policy FROM latest WHERE kind = 'AWS::IAM::Role');

-- The join: a group that is not in the inventory, or that records contradict each other about, leaves the instance unknown.
CREATE TEMP VIEW joined AS
WITH instances AS (
    SELECT item AS instance, contradicted, account, region, c.securityGroups AS named
    FROM latest WHERE kind = 'AWS::EC2::Instance'
),
followed AS (
    SELECT instance, CASE WHEN groups.contradicted THEN NULL ELSE groups.open END AS open
    FROM (SELECT instance, account, region, unnest(named).groupId AS id FROM instances) AS reference
    LEFT JOIN groups ON groups.account = reference.account AND groups.region = reference.region AND groups.id = reference.id
),
decided AS (
    SELECT instance, bool_or(open) AS open, bool_or(open IS NULL) AS doubt FROM followed GROUP BY instance
)
SELECT CASE
    WHEN contradicted THEN 'unknown'
    WHEN open THEN 'fail'
    WHEN doubt THEN 'unknown'
    ELSE 'pass' END AS verdict
FROM instances LEFT JOIN decided USING (instance);

SELECT verdict, count(*) FROM (SELECT verdict FROM said UNION ALL SELECT verdict FROM joined) WHERE verdict IS NOT NULL GROUP BY verdict;
