# The twelve guardrails of `twelve.parapet`: what they say of one record.
package guardrails

import rego.v1

# What a guardrail reads of a record that another of the same time contradicts is not known.
verdict(_) := "unknown" if contradicted

verdict(true) := "pass" if not contradicted

verdict(false) := "fail" if not contradicted

default contradicted := false

contradicted if data.contradicted[input.ARN]

said := {"volume_is_encrypted": verdict(encrypted)} if input.resourceType == "AWS::EC2::Volume"

default encrypted := false

encrypted if input.configuration.encrypted == true

said := {"database_is_kept": "na"} if {
	input.resourceType == "AWS::RDS::DBInstance"
	is_aurora
}

said := {"database_is_kept": verdict(is_kept)} if {
	input.resourceType == "AWS::RDS::DBInstance"
	not is_aurora
}

default is_aurora := false

is_aurora if startswith(input.configuration.engine, "aurora")

default is_kept := false

is_kept if {
	input.configuration.storageEncrypted == true
	input.configuration.backupRetentionPeriod >= 7
	not input.configuration.publiclyAccessible == true
}

said := {"runtime_is_supported": "na"} if {
	input.resourceType == "AWS::Lambda::Function"
	not input.configuration.runtime
}

said := {"runtime_is_supported": verdict(is_supported)} if {
	input.resourceType == "AWS::Lambda::Function"
	input.configuration.runtime
}

default is_supported := false

is_supported if {
	input.configuration.runtime in {"python3.13", "python3.12", "nodejs22.x", "java21"}
	timeout := object.get(input.configuration, "timeout", 3)
	timeout >= 1
	timeout <= 300
}

said := {
	"metadata_needs_tokens": verdict(needs_tokens),
	"instance_is_not_open": openness,
} if {
	input.resourceType == "AWS::EC2::Instance"
}

default needs_tokens := false

needs_tokens if {
	options := input.configuration.metadataOptions
	options.httpTokens == "required"
	object.get(options, "httpPutResponseHopLimit", 1) <= 2
}

said := {"no_shell_is_open": verdict(no_shell)} if input.resourceType == "AWS::EC2::SecurityGroup"

no_shell := false if has_open_shell

no_shell := true if not has_open_shell

default has_open_shell := false

has_open_shell if {
	some rule in input.configuration.ipPermissions
	is_anywhere(rule)
	is_shell(rule)
}

is_anywhere(rule) if {
	some range in rule.ipv4Ranges
	range.cidrIp == "0.0.0.0/0"
}

is_anywhere(rule) if {
	some range in rule.ipv6Ranges
	range.cidrIpv6 == "::/0"
}

is_shell(rule) if rule.ipProtocol == "-1"

is_shell(rule) if {
	object.get(rule, "fromPort", 0) <= 22
	object.get(rule, "toPort", 65535) >= 22
}

said := {"trust_names_no_stranger": verdict(trusts_no_stranger)} if input.resourceType == "AWS::IAM::Role"

trusts_no_stranger := false if trusts_stranger

trusts_no_stranger := true if not trusts_stranger

default trusts_stranger := false

trusts_stranger if {
	policy := json.unmarshal(urlquery.decode(input.configuration.assumeRolePolicyDocument))
	some statement in many(policy.Statement)
	statement.Effect == "Allow"
	is_anyone(statement.Principal)
}

is_anyone(principal) if principal == "*"

is_anyone(principal) if {
	some name in many(principal.AWS)
	name == "*"
}

# One or several.
many(value) := value if is_array(value)

many(value) := [value] if not is_array(value)

said := {"queue_is_encrypted": verdict(queue_is_good)} if input.resourceType == "AWS::SQS::Queue"

default queue_is_good := false

queue_is_good if {
	queue_is_encrypted
	input.configuration.ReceiveMessageWaitTimeSeconds > 0
}

default queue_is_encrypted := false

queue_is_encrypted if is_string(input.configuration.KmsMasterKeyId)

queue_is_encrypted if input.configuration.SqsManagedSseEnabled == true

said := {
	"owner_is_named": verdict(owner_is_named),
	"bucket_is_blocked": verdict(bucket_is_blocked),
} if {
	input.resourceType == "AWS::S3::Bucket"
}

default owner_is_named := false

owner_is_named if regex.match(`^team-[a-z]+$`, input.tags.owner)

default bucket_is_blocked := false

bucket_is_blocked if {
	block := json.unmarshal(input.supplementaryConfiguration.PublicAccessBlockConfiguration)
	block.blockPublicAcls == true
	block.restrictPublicBuckets == true
}

said := {"key_rotates": "na"} if {
	input.resourceType == "AWS::KMS::Key"
	object.get(input.configuration, "keySpec", "SYMMETRIC_DEFAULT") != "SYMMETRIC_DEFAULT"
}

said := {"key_rotates": verdict(rotates)} if {
	input.resourceType == "AWS::KMS::Key"
	object.get(input.configuration, "keySpec", "SYMMETRIC_DEFAULT") == "SYMMETRIC_DEFAULT"
}

default rotates := false

rotates if input.supplementaryConfiguration.KeyRotationStatus == true

said := {"secret_has_a_path": verdict(has_path)} if input.resourceType == "AWS::SecretsManager::Secret"

default has_path := false

has_path if contains(input.resourceName, "/")

place := concat("/", [input.awsAccountId, input.awsRegion])

openness := "unknown" if contradicted

openness := "fail" if {
	not contradicted
	is_open
}

openness := "unknown" if {
	not contradicted
	not is_open
	is_doubtful
}

openness := "pass" if {
	not contradicted
	not is_open
	not is_doubtful
}

default is_open := false

is_open if {
	some reference in input.configuration.securityGroups
	some rule in data.groups[place][reference.groupId]
	some range in rule.ipv4Ranges
	range.cidrIp == "0.0.0.0/0"
}

default is_doubtful := false

# A group that is not in the inventory, or that records contradict each other about.
is_doubtful if {
	some reference in input.configuration.securityGroups
	not data.groups[place][reference.groupId]
}
