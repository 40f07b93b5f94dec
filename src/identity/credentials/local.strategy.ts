import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-local';
import { DataSource } from 'typeorm';
import { User } from '../accounts/user.entity.js';
import { Passwords } from './passwords.js';

/** Email and password. An unknown email costs as much time as a wrong password. */
@Injectable()
export class LocalStrategy extends PassportStrategy(Strategy, 'local') {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly passwords: Passwords,
  ) {
    super({ usernameField: 'email', passwordField: 'password', session: false });
  }

  async validate(email: string, password: string): Promise<User | false> {
    const user = await this.dataSource.manager.findOneBy(User, { email });
    const matched = await this.passwords.matches(user?.passwordHash, password);
    return matched && user ? user : false;
  }
}
