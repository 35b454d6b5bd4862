resource "aws_kms_key" "records" {
  description             = "Records at rest"
  deletion_window_in_days = 30
  enable_key_rotation     = true
}

data "aws_iam_policy_document" "key" {
  statement {
    sid       = "Account"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }
  }
}

resource "aws_kms_key_policy" "records" {
  key_id = aws_kms_key.records.id
  policy = data.aws_iam_policy_document.key.json
}

resource "aws_s3_bucket" "records" {
  bucket = "acme-records"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "records" {
  bucket = aws_s3_bucket.records.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.records.arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "records" {
  bucket                  = aws_s3_bucket.records.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_policy" "records" {
  bucket = aws_s3_bucket.records.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = ["arn:aws:s3:::acme-records", "arn:aws:s3:::acme-records/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "Archive"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::444455556666:role/archive" }
        Action    = "s3:GetObject"
        Resource  = "arn:aws:s3:::acme-records/*"
      },
    ]
  })
}

resource "aws_s3_account_public_access_block" "account" {
  account_id              = "111122223333"
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = true
}

resource "aws_elasticache_replication_group" "sessions" {
  replication_group_id       = "sessions"
  description                = "Sessions"
  engine                     = "redis"
  node_type                  = "cache.t4g.small"
  num_cache_clusters         = 1
  at_rest_encryption_enabled = true
  transit_encryption_enabled = true
  user_group_ids             = [aws_elasticache_user_group.application.user_group_id]
}

resource "aws_elasticache_user_group" "application" {
  user_group_id = "app"
  engine        = "redis"
  user_ids      = [aws_elasticache_user.service.user_id]
}

resource "aws_elasticache_user" "service" {
  user_id       = "service"
  user_name     = "default"
  engine        = "redis"
  access_string = "on ~* +@all -@dangerous"

  authentication_mode {
    type = "iam"
  }
}

resource "aws_db_snapshot" "records" {
  db_instance_identifier = "records"
  db_snapshot_identifier = "records-before-migration"
  shared_accounts        = ["444455556666"]
}
