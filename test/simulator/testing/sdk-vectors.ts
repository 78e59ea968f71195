/** Messages of our own that a real build of WeCom's library has opened, and what it made of them. */
export const sdkVectors = [
  {
    key: "AspLU2JVDXnlxkAafpStr1G4UDEmtcp1Uzww5e9AAQWZpjht4JmzY0FEmqVUcZy7o8Idl/ZLyHfeQHTQRi7ljA==",
    message:
      "erBlpGiZe285RgJpgCNBTQ6bo8ypAfXnZt9e4ug8gzFum6yG1sA0juffNHzOZ3oF63/yCIZHmyDgXIaIMedLDSx2nVBNQDYi9y77K/IJoJJBTp5V0go0JjOmCd9KGxa3pGrojbLTEjpr/Wde5mqokEkcdmaviBbfyIuoQjT0lvJccwweMEt0AHMw2hDgxs6/LToB5AyBeh93wFiRZE+L4BwOfE6WT3oAlJp2TvgRPJwvUykhegI912ZEgusjfZf4kTR67ck2jV9busdIqMMS8xwQNhvEmk5bMU2Ahk1don7s8jms2Vx1lFMnqkG6Q5RdMK+QvpENxgav9U/+ZxOxYBwbm/A==ZbkCMclT",
    plain:
      '{"msgid":"10001_1700000000001_external","action":"send","from":"zhangsan","tolist":["wmAAA"],"roomid":"","msgtime":1700000000001,"msgtype":"text","text":{"content":"hello 世界"}}',
  },
  {
    key: "iMrCddgnz9YD7W4wsAu9uBzK89/N75FtULgAQWdSfuVxZoSp1ojQYlNyNZoycNSQz+fBKCgMMGvHA0/Qcukt0A==",
    message:
      "2oOFmJwbbY6fRakieS4p6rwz5rktNRWihS7hyJPlJtG7AEI8zOBIZOEd1cjQcrKSUZZgiFNz7nzVf+fXMEsiDTKvUaxr3Z+aSIFyzHaR3ByRSCniwKPK9IsKB17BwUJ0/oH47QeOurIxNod+d0Mia515vCXQG4z6txV7eqle7imWLQpMQEX4U6TOLSSJ1qmm+FBg9qbjbjYGCOEPQ==CiBspsR",
    plain: '{"msgid":"2_1700000000002","action":"switch","time":1700000000002,"user":"lisi"}',
  },
] as const;

/** A file whose key is in its id, and its only chunk as WeCom would send it. */
export const mediaVector = {
  fileId: "Cg0qMSpGSUxFSUQwMDAxEgdBVVRIS0VZGiAwMDExMjIzMzQ0NTU2Njc3ODg5OWFhYmJjY2RkZWVmZg==",
  content: "uwiXQyrhKr6ZU26WPw2XnA==",
  plain: "hello media",
};
