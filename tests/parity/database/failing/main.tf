variable "db_password" {
  type      = string
  sensitive = true
  default   = null
}

locals {
  tags = { Service = "orders" }
}

resource "aws_vpc" "main" {
  cidr_block           = "10.20.0.0/16"
  enable_dns_hostnames = true
  tags                 = merge(local.tags, { Name = "orders-vpc" })
}

resource "aws_subnet" "data" {
  for_each = {
    a = { az = "eu-west-1a", cidr = "10.20.1.0/24" }
    b = { az = "eu-west-1b", cidr = "10.20.2.0/24" }
  }

  vpc_id                  = aws_vpc.main.id
  availability_zone       = each.value.az
  cidr_block              = each.value.cidr
  map_public_ip_on_launch = true
  tags                    = merge(local.tags, { Name = "orders-data-${each.key}" })
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route_table" "data" {
  vpc_id = aws_vpc.main.id
  tags   = merge(local.tags, { Name = "orders-data" })
}

resource "aws_route" "out" {
  route_table_id         = aws_route_table.data.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.main.id
}

resource "aws_route_table_association" "a" {
  subnet_id      = aws_subnet.data["a"].id
  route_table_id = aws_route_table.data.id
}

resource "aws_route_table_association" "b" {
  subnet_id      = aws_subnet.data["b"].id
  route_table_id = aws_route_table.data.id
}

resource "aws_security_group" "db" {
  name        = "orders-db"
  description = "Orders database"
  vpc_id      = aws_vpc.main.id
}

resource "aws_vpc_security_group_ingress_rule" "postgres" {
  security_group_id = aws_security_group.db.id
  description       = "PostgreSQL"
  ip_protocol       = "tcp"
  from_port         = 5432
  to_port           = 5432
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_db_subnet_group" "db" {
  name       = "orders-db"
  subnet_ids = [aws_subnet.data["a"].id, aws_subnet.data["b"].id]
}

resource "aws_db_instance" "orders" {
  identifier             = "orders"
  engine                 = "postgres"
  engine_version         = "16.4"
  instance_class         = "db.t4g.medium"
  allocated_storage      = 50
  db_name                = "orders"
  username               = "orders_admin"
  password               = var.db_password
  db_subnet_group_name   = aws_db_subnet_group.db.name
  vpc_security_group_ids = [aws_security_group.db.id]
  publicly_accessible    = true
  storage_encrypted      = false
  skip_final_snapshot    = true
}

resource "aws_rds_cluster" "reports" {
  cluster_identifier          = "reports"
  engine                      = "postgres"
  engine_version              = "16.4"
  db_cluster_instance_class   = "db.m6gd.large"
  storage_type                = "io1"
  allocated_storage           = 100
  iops                        = 1000
  master_username             = "reports_admin"
  manage_master_user_password = true
  db_subnet_group_name        = aws_db_subnet_group.db.name
  vpc_security_group_ids      = [aws_security_group.db.id]
  storage_encrypted           = false
  skip_final_snapshot         = true
}

resource "aws_db_proxy" "orders" {
  name                   = "orders-proxy"
  engine_family          = "POSTGRESQL"
  role_arn               = "arn:aws:iam::111122223333:role/orders-proxy"
  vpc_subnet_ids         = [aws_subnet.data["a"].id, aws_subnet.data["b"].id]
  vpc_security_group_ids = [aws_security_group.db.id]
  require_tls            = false
  auth {
    auth_scheme = "SECRETS"
    secret_arn  = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders-proxy-AbCdEf"
  }
}
