variable "office_password" {
  type      = string
  sensitive = true
}

variable "carts_token" {
  type      = string
  sensitive = true
}

resource "aws_directory_service_directory" "office" {
  name     = "office.acme.example"
  type     = "SimpleAD"
  size     = "Small"
  password = var.office_password

  vpc_settings {
    vpc_id     = "vpc-0c1d2e3f405162738"
    subnet_ids = ["subnet-0a51c2d3e4f506172", "subnet-0b61d2e3f40516283"]
  }
}

resource "aws_dms_endpoint" "orders_source" {
  endpoint_id   = "orders-source"
  endpoint_type = "source"
  engine_name   = "mysql"

  secrets_manager_arn             = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:replication-AbCdEf"
  secrets_manager_access_role_arn = "arn:aws:iam::111122223333:role/replication"
}

resource "aws_kinesis_firehose_delivery_stream" "clicks" {
  name        = "clicks"
  destination = "splunk"

  splunk_configuration {
    hec_endpoint = "https://splunk.acme.example:8088"

    secrets_manager_configuration {
      enabled    = true
      secret_arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:clicks-AbCdEf"
      role_arn   = "arn:aws:iam::111122223333:role/clicks"
    }

    s3_configuration {
      bucket_arn = "arn:aws:s3:::acme-clicks"
      role_arn   = "arn:aws:iam::111122223333:role/clicks"
    }
  }
}

resource "aws_iam_user" "auditor" {
  name = "auditor"
}

resource "aws_elasticache_replication_group" "carts" {
  replication_group_id       = "carts"
  description                = "Carts"
  engine                     = "redis"
  node_type                  = "cache.t4g.small"
  num_cache_clusters         = 1
  at_rest_encryption_enabled = true
  transit_encryption_enabled = true
  auth_token                 = var.carts_token
}
