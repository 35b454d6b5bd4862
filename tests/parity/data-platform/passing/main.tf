locals {
  subnets = ["subnet-0a51c2d3e4f506172", "subnet-0b61d2e3f40516283"]
  groups  = ["sg-0f1e2d3c4b5a69788"]
}

resource "aws_opensearch_domain" "search" {
  domain_name    = "search"
  engine_version = "OpenSearch_2.17"

  cluster_config {
    instance_type = "t3.small.search"
  }

  ebs_options {
    ebs_enabled = true
    volume_size = 10
  }

  vpc_options {
    subnet_ids         = [local.subnets[0]]
    security_group_ids = local.groups
  }

  encrypt_at_rest {
    enabled = true
  }

  node_to_node_encryption {
    enabled = true
  }

  domain_endpoint_options {
    enforce_https       = true
    tls_security_policy = "Policy-Min-TLS-1-2-2019-07"
  }
}

resource "aws_redshift_cluster" "warehouse" {
  cluster_identifier        = "warehouse"
  enhanced_vpc_routing      = true
  node_type                 = "ra3.large"
  number_of_nodes           = 2
  database_name             = "dwh"
  master_username           = "dwh_admin"
  manage_master_password    = true
  cluster_subnet_group_name = "warehouse"
  vpc_security_group_ids    = local.groups
  publicly_accessible       = false
  encrypted                 = true
  skip_final_snapshot       = true
}

resource "aws_redshiftserverless_namespace" "adhoc" {
  namespace_name = "adhoc"
}

resource "aws_redshiftserverless_workgroup" "adhoc" {
  namespace_name     = aws_redshiftserverless_namespace.adhoc.namespace_name
  workgroup_name     = "adhoc"
  base_capacity      = 8
  subnet_ids         = local.subnets
  security_group_ids = local.groups
}

resource "aws_dms_replication_instance" "copy" {
  replication_instance_id    = "copy"
  replication_instance_class = "dms.t3.medium"
  allocated_storage          = 50
  publicly_accessible        = false
}

resource "aws_msk_cluster" "events" {
  cluster_name           = "events"
  kafka_version          = "3.6.0"
  number_of_broker_nodes = 2

  broker_node_group_info {
    instance_type   = "kafka.m5.large"
    client_subnets  = local.subnets
    security_groups = local.groups
    storage_info {
      ebs_storage_info {
        volume_size = 100
      }
    }
  }

  encryption_info {
    encryption_in_transit {
      client_broker = "TLS"
      in_cluster    = true
    }
  }
}
